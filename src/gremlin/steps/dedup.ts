import type { Json } from '../../common/json.js';
import type { NodeRevision, Revision } from '../../graph/element.js';
import type { WalkedPath } from '../../graph/walk/shortestPaths.js';
import { filterRows, spreadRows } from '../execute/rows.js';
import { elementsIn, type QueriedGraph, type Rows } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { allStrings, defineStep } from '../step.js';
import { flowKey } from '../../flow/flowField.js';
import { flowsIn } from './flows/rows.js';

/** `Dedup([k…])`: each element once, or one for each set of values. */
export const dedup = defineStep({
  name: 'Dedup',
  usage: ['Dedup()', "Dedup('key')", "Dedup('key1', 'key2')"],
  doc: 'each element once; with keys one element for each set of their values (elements without any of the keys all stay); of paths each of their nodes once',
  on: { nodes: 'nodes', edges: 'edges', paths: 'nodes', values: 'values', value: 'value', flows: 'flows' },
  method: 'Dedup',
  notes: [
    {
      kind: 'mended',
      text: '`Dedup().Limit(n)` gives n different elements; there n counted those that were looked at, and edges were not limited at all.',
    },
  ],
  read: (call) => allStrings(call, () => `Dedup parameters have to be string keys : ${call.listed}`),
  plan(keys, from) {
    if (from === 'flows') {
      // The first key only, as there.
      const { read } = flowKey(keys[0] ?? 'TrackingID');
      return (input) => ({ rows: firstOfEach(flowsIn(input), (flow) => textOf(read(flow))) });
    }
    if (from === 'value') return ({ rows }) => ({ rows });
    if (from === 'values') return ({ rows }) => ({ rows: firstOfEach(rows as Rows<Json>, (value) => JSON.stringify(value)) });
    const readers = keys.map(fieldReader);
    return (input) => {
      const { graph } = input;
      const keyOf = readers.length === 0 ? ({ id }: Revision) => id : (element: Revision) => valuesOf(element, graph, readers);
      if (from !== 'paths') return { rows: firstOfEach(elementsIn(input), keyOf) };
      const nodes = spreadRows(input.rows as Rows<WalkedPath>, (path, into: NodeRevision[]) => into.push(...path.nodes));
      return { rows: firstOfEach(nodes, keyOf) };
    };
  },
  print: (query, keys, from) => (from === 'nodes' || from === 'edges') && keys.length === 0 && query.distinct(),
});

function firstOfEach<T>(rows: Rows<T>, keyOf: (row: T) => string | undefined): Rows<T> {
  const seen = new Set<string>();
  return filterRows(rows, (row) => {
    const key = keyOf(row);
    if (key === undefined) return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const textOf = (value: Json | undefined): string | undefined => (value === undefined ? undefined : JSON.stringify(value));

/** The values found, as one text; `undefined` where none is. */
function valuesOf(element: Revision, graph: QueriedGraph, readers: readonly ReturnType<typeof fieldReader>[]): string | undefined {
  const values = readers.map((read) => read(element, graph));
  return values.every((value) => value === undefined) ? undefined : JSON.stringify(values);
}
