import { RE2JS } from 're2js';
import type { NodeRevision } from '../../src/graph/element.js';
import { lessIsBetter, type Bench, type Figure } from './bench.js';
import { interfaceGraph, runString, takingTurns } from './gremlinGraph.js';

const PATTERN = 'veth.*[xyz].*7';

export const bench: Bench = {
  name: 'gremlin-scan',
  measures:
    'ms to count 100k nodes by type, by a regular expression and by a number, against Array.filter with the same test on the nodes of the same view',
  async run() {
    const graph = interfaceGraph();
    const view = graph.view();
    const filtered = (test: (node: NodeRevision) => boolean): number => Array.from(view.nodes()).filter(test).length;
    const expression = RE2JS.compile(`^${PATTERN}$`);
    const side = async (name: string, query: string, test: (node: NodeRevision) => boolean): Promise<Figure> => {
      const expected = filtered(test);
      const { ours, baseline } = await takingTurns(
        20,
        async () => {
          const [total] = (await runString(view, query)).rows;
          if (total !== expected) throw new Error(`${String(total)} instead of ${expected}`);
        },
        () => filtered(test),
      );
      return lessIsBetter(`gremlin-scan/${name}`, ours, 'ms', baseline);
    };
    return [
      await side('type', "G.V().Has('Type', 'veth').Count()", ({ metadata }) => metadata['Type'] === 'veth'),
      await side('regex', `G.V().Has('Name', Regex('${PATTERN}')).Count()`, ({ metadata }) => {
        const name = metadata['Name'];
        return typeof name === 'string' && expression.matcher(name).find();
      }),
      await side('number', "G.V().Has('IfIndex', Gt(50000)).Count()", ({ metadata }) => {
        const index = metadata['IfIndex'];
        return typeof index === 'number' && index > 50_000;
      }),
    ];
  },
};
