import type { Analyzer } from '../../client/analyzer.js';
import { askWhole } from '../../client/ask.js';
import { isEdge, type ElementRow, type NodeRow } from '../../client/elements.js';
import { nameNode, type NodeNames } from './describe.js';

const DOCUMENT = `query Names($ids: [ID!]!, $at: DateTime) {
  nodes(filter: { id: $ids }, at: $at, first: 1000) { nodes { id type name } }
}`;

/** As many as one page has; ends beyond it are shown by their ids. */
const MOST = 1_000;

/** Names of the ends of all edges among the elements: those that are among them too, and the others as they are called at the instants, the first that knows one. */
export async function endNames(analyzer: Analyzer, elements: readonly ElementRow[], instants: readonly string[]): Promise<NodeNames> {
  const names = new Map<string, string>();
  for (const element of elements) if (!isEdge(element)) names.set(element.id, nameNode(element));
  const ends = new Set(elements.flatMap((element) => (isEdge(element) ? [element.sourceId, element.targetId] : [])));
  for (const at of instants) {
    const ids = [...ends].filter((id) => !names.has(id)).slice(0, MOST);
    if (ids.length === 0) break;
    const { nodes } = (
      await askWhole<{ nodes: { nodes: Pick<NodeRow, 'id' | 'type' | 'name'>[] } }>(analyzer, {
        document: DOCUMENT,
        variables: { ids, at },
      })
    ).nodes;
    for (const node of nodes) names.set(node.id, nameNode(node));
  }
  return names;
}
