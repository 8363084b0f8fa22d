import { contains, type Rectangle } from '../layout/placeGroups.js';
import { placeOf } from '../scene/build.js';
import type { Scene } from '../scene/scene.js';
import type { Picked } from './pick.js';

export type Heading = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight';

const VECTORS: Readonly<Record<Heading, readonly [number, number]>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/** What lies off the heading counts so much more than what lies along it. */
const SIDEWAYS = 2.5;
/** A thing at the other end of a link is preferred to one that is this much nearer. */
const LINKED = 0.4;

/** The next thing in a direction from the selected one, rather along a link; the first thing when nothing is selected. */
export function walk(scene: Scene, from: string | undefined, heading: Heading, linked: ReadonlySet<string>): Picked | undefined {
  const here = from === undefined ? undefined : placeOf(scene, from);
  if (here === undefined) {
    const first = scene.parts.find(({ targets }) => targets.length > 0)?.targets[0];
    return first && { kind: first.kind, id: first.id };
  }
  const [dx, dy] = VECTORS[heading];
  const start = middle(here);
  let best: Picked | undefined;
  let least = Infinity;
  for (const target of scene.parts.flatMap(({ targets }) => targets)) {
    if (target.id === from || contains(target, here)) continue;
    const end = middle(target);
    const along = (end.x - start.x) * dx + (end.y - start.y) * dy;
    if (along <= 1) continue;
    const off = Math.abs((end.x - start.x) * dy) + Math.abs((end.y - start.y) * dx);
    const cost = (along + off * SIDEWAYS) * (linked.has(target.id) ? LINKED : 1);
    if (cost < least) [least, best] = [cost, { kind: target.kind, id: target.id }];
  }
  return best;
}

const middle = ({ x, y, width, height }: Rectangle): { readonly x: number; readonly y: number } => ({
  x: x + width / 2,
  y: y + height / 2,
});
