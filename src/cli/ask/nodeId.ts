import { askWhole } from '../../client/ask.js';
import type { Analyzer } from '../../client/analyzer.js';
import { NODE_FIELDS, type NodeRow } from '../../client/elements.js';
import { CanopyError } from '../../common/errors.js';
import { usageError } from '../parse.js';
import { nameElement } from './describe.js';
import { textPattern } from './filters.js';

const BY_ID = 'query NodeById($id: ID!) { node(id: $id) { id } }';
const BY_NAME = `query NodeByName($name: StringFilter!, $at: DateTime) {
  nodes(filter: { name: $name }, at: $at, first: 10) { nodes { ...NodeFields } }
}
${NODE_FIELDS}`;

/** The id of a node that was named by its id, or by its name where only one has it. Throws as `nodeIdByName`. */
export async function nodeIdOf(analyzer: Analyzer, wanted: string): Promise<string> {
  const { node } = await askWhole<{ node: { id: string } | null }>(analyzer, { document: BY_ID, variables: { id: wanted } });
  return node === null ? nodeIdByName(analyzer, wanted) : node.id;
}

/** The id of the one node with the name. Throws `NOT_FOUND`, or `BAD_INPUT` with the ids when there are several. */
export async function nodeIdByName(analyzer: Analyzer, wanted: string, at?: string): Promise<string> {
  const variables = { name: textPattern(wanted), at };
  const { nodes } = (await askWhole<{ nodes: { nodes: NodeRow[] } }>(analyzer, { document: BY_NAME, variables })).nodes;
  if (nodes.length === 1) return nodes[0]!.id;
  if (nodes.length > 1)
    throw usageError(
      `several nodes are named '${wanted}'; give the id of one`,
      nodes.map((one) => `  ${one.id}  ${nameElement(one)}`).join('\n'),
    );
  const when = at === undefined ? '' : ` at ${at}`;
  throw new CanopyError(
    'NOT_FOUND',
    `there is no node with the id or name '${wanted}'${when}\n\`canopy nodes --search ${wanted}\` looks for similar ones; --at TIME looks into the past.`,
  );
}
