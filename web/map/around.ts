import type { PictureEdge } from '../data/elements.js';

/**
 * Ids of what is at most so many links away from a thing. What owns a thing also owns much that has nothing to do with it: one goes from an
 * owner to what it owns, and never back.
 */
export function reachedFrom(
  id: string,
  hops: number,
  edges: Iterable<Pick<PictureEdge, 'relationType' | 'sourceId' | 'targetId'>>,
): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  const lead = (from: string, to: string): void => {
    const list = next.get(from);
    if (list) list.push(to);
    else next.set(from, [to]);
  };
  for (const { relationType, sourceId, targetId } of edges) {
    lead(sourceId, targetId);
    if (relationType !== 'ownership') lead(targetId, sourceId);
  }
  const reached = new Set([id]);
  let border: readonly string[] = [id];
  for (let hop = 0; hop < hops; hop++) {
    border = border.flatMap((at) => next.get(at) ?? []).filter((at) => !reached.has(at) && reached.add(at));
  }
  return reached;
}
