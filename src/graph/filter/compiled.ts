import type { NodeRevision } from '../element.js';
import type { GraphView } from '../view.js';

export type NodeTest = (node: NodeRevision) => boolean;

/** A filter that has been checked, ready for any graph. */
export interface CompiledNodeFilter {
  /**
   * The test where a node's own revision decides, as in an event; `undefined` where a change elsewhere can make it match (`within`). It does not see
   * measurements: they are in no revision.
   */
  readonly own: NodeTest | undefined;
  /** The test in one graph. What it looks up there is remembered, so make one for each reading. */
  in(graph: GraphView): NodeTest;
}

export const ownTest = (test: NodeTest): CompiledNodeFilter => ({ own: test, in: () => test });

/** What every node passes: a filter that is left out. */
export const everyNode: CompiledNodeFilter = ownTest(() => true);

/** Puts filters together; the whole is a node's own matter when every part is. */
export function combined(parts: readonly CompiledNodeFilter[], combine: (tests: readonly NodeTest[]) => NodeTest): CompiledNodeFilter {
  const own = parts.map((part) => part.own).filter((test) => test !== undefined);
  return {
    own: own.length === parts.length ? combine(own) : undefined,
    in: (graph) => combine(parts.map((part) => part.in(graph))),
  };
}

export const allOf = (parts: readonly CompiledNodeFilter[]): CompiledNodeFilter => {
  if (parts.length === 0) return everyNode;
  return parts.length === 1 ? (parts[0] as CompiledNodeFilter) : combined(parts, (tests) => (node) => tests.every((test) => test(node)));
};

export const anyOf = (parts: readonly CompiledNodeFilter[]): CompiledNodeFilter =>
  combined(parts, (tests) => (node) => tests.some((test) => test(node)));

export const negated = (part: CompiledNodeFilter): CompiledNodeFilter =>
  combined([part], (tests) => (node) => !tests.some((test) => test(node)));
