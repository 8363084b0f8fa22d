import type { Json } from '../../common/json.js';
import type { EdgeRevision, NodeRevision } from '../../graph/element.js';
import { readMetadata } from '../../graph/readMetadata.js';
import type { GraphView } from '../../graph/view.js';

/** Metadata that a node's label shows, one on each line. */
const LABEL_KEYS = ['Type', 'IfIndex', 'State', 'TID', 'IPV4', 'IPV6'] as const;

const SHORT_ID = 8;

/** A graph in the language of Graphviz, in pieces of a line each. */
export function* dotText(graph: GraphView): Generator<string, void, undefined> {
  yield 'digraph g {\n';
  for (const node of graph.nodes()) yield nodeLine(node, graph);
  for (const edge of graph.edges()) {
    const parent = graph.node(edge.parent);
    const child = graph.node(edge.child);
    if (parent !== undefined && child !== undefined) yield edgeLine(edge, parent, child);
  }
  yield '}';
}

function nodeLine(node: NodeRevision, graph: GraphView): string {
  const lines = LABEL_KEYS.flatMap((key) => {
    const value = readMetadata(graph, node, key);
    return value === undefined ? [] : [`${key} = ${valueText(value)}`];
  });
  const label = [nameOf(node), ...lines].map(escaped).join('\\n');
  return `"${escaped(nameOf(node))}" [label="${label}"]\n`;
}

function edgeLine({ metadata }: EdgeRevision, parent: NodeRevision, child: NodeRevision): string {
  const ends = `"${escaped(nameOf(parent))}" -> "${escaped(nameOf(child))}"`;
  const relation = metadata['RelationType'];
  if (typeof relation !== 'string' || relation === '') return `${ends}\n`;
  return `${ends} [label=${identifier(relation)},dir=${relation === 'layer2' ? 'both' : 'forward'}]\n`;
}

const nameOf = ({ id, metadata }: NodeRevision): string => `${valueText(metadata['Name'] ?? '')}-${id.slice(0, SHORT_ID)}`;

/** As Go prints it: lists in brackets, entries apart by spaces. */
const valueText = (value: Json): string => {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(valueText).join(' ')}]`;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
};

const escaped = (text: string): string => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', ' ');

/** Bare where Graphviz takes it so, in quotes otherwise. */
const identifier = (text: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text) ? text : `"${escaped(text)}"`);
