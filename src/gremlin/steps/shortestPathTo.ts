import type { Revision } from '../../graph/element.js';
import { shortestPaths, type WalkedPath } from '../../graph/walk/shortestPaths.js';
import { filteredNodes } from '../execute/source.js';
import { mapRows } from '../execute/rows.js';
import { nodesIn } from '../execute/traversal.js';
import { allCriteria, readPairs, type Filter } from '../predicates/filter.js';
import { defineStep } from '../step.js';
import type { Argument } from '../argument.js';

/** `ShortestPathTo(Metadata(…)[, Metadata(…)])`: the way to the nearest node that matches. */
export const shortestPathTo = defineStep({
  name: 'ShortestPathTo',
  usage: ["ShortestPathTo(Metadata('Type', 'host'))", "ShortestPathTo(Metadata('Type', 'host'), Metadata('RelationType', 'layer2'))"],
  doc: 'from each node the shortest way to the nearest node with the metadata, along edges in both directions; the second parameter says along which; nodes from which there is no way are left out',
  on: { nodes: 'paths' },
  walks: true,
  notes: [{ kind: 'mended', text: 'Of several nodes that match the nearest is taken; there any one of them.' }],
  read(call) {
    const { args } = call;
    if (args.length < 1 || args.length > 2 || args.some(({ kind }) => kind !== 'metadata')) {
      throw call.misread(
        `ShortestPathTo predicate accepts only 1 or 2 parameters : ${call.listed}`,
        args.find(({ kind }) => kind !== 'metadata') ?? args[2],
      );
    }
    return args as Extract<Argument, { kind: 'metadata' }>[];
  },
  plan([target, along], _from, call) {
    const goal = allCriteria(readPairs(call, target!.args), 'nodes', call);
    const via: Filter | undefined = along && allCriteria(readPairs(call, along.args), 'edges', call);
    return async (input, run) => {
      const { graph } = input;
      const goals = new Set((await run.all(filteredNodes(graph, [goal], run))).map(({ id }) => id));
      const onWay: (edge: Revision) => boolean = via?.in(graph) ?? (() => true);
      const test = (edge: Revision): boolean => {
        run.spend(1);
        return onWay(edge);
      };
      const rows = mapRows(nodesIn(input), ({ id }): WalkedPath | undefined => {
        const [path] = shortestPaths(graph, id, goals, { direction: 'BOTH', via: test, maxLength: Infinity, maxPaths: 1 });
        return path;
      });
      return { rows };
    };
  },
});
