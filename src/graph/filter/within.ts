import type { ElementId, NodeRevision } from '../element.js';
import { ownerOf } from '../walk/ownership.js';
import type { CompiledNodeFilter } from './compiled.js';

/** Owned at any depth by a node that matches. Each owner is judged once, so a wide tree costs one test a node. */
export const within = (owner: CompiledNodeFilter): CompiledNodeFilter => ({
  own: undefined,
  in: (graph) => {
    const matches = owner.in(graph);
    const judged = new Map<ElementId, boolean>();
    return (node) => {
      // Up to an owner that is judged already, then the verdict for all on the way: no recursion, however deep somebody nests.
      const way: NodeRevision[] = [];
      let verdict = false;
      for (let at: NodeRevision | undefined = node; at !== undefined;) {
        const known = judged.get(at.id);
        if (known !== undefined) {
          verdict = known;
          break;
        }
        judged.set(at.id, false); // ends a circle of owners, which a publisher can make
        way.push(at);
        at = ownerOf(graph, at.id);
        if (at !== undefined && matches(at)) {
          verdict = true;
          break;
        }
      }
      for (const each of way) judged.set(each.id, verdict);
      return verdict;
    };
  },
});
