import { contains, type Rectangle } from '../layout/placeGroups.js';
import { placeOf } from '../scene/build.js';
import { pointOn } from '../scene/lines.js';
import type { Line, Scene } from '../scene/scene.js';
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

/**
 * The next thing in a direction from the selected one, rather along a link; from a link its end in that direction; the first thing when nothing
 * is selected.
 */
export function walk(scene: Scene, from: string | undefined, heading: Heading): Picked | undefined {
  const line = from === undefined ? undefined : lineOf(scene, from);
  const linked = new Set(line ? [line.from, line.to] : linesAt(scene, from).flatMap((one) => [one.from, one.to]));
  const here = line ? middleOf(line) : from === undefined ? undefined : placeOf(scene, from);
  if (here === undefined) {
    const first = scene.parts.find(({ targets }) => targets.length > 0)?.targets[0];
    return first && { kind: first.kind, id: first.id };
  }
  const [dx, dy] = VECTORS[heading];
  const start = middle(here);
  let best: Picked | undefined;
  let least = Infinity;
  for (const target of scene.parts.flatMap(({ targets }) => targets)) {
    if (target.id === from || (line ? !linked.has(target.id) : contains(target, here))) continue;
    const end = middle(target);
    const along = (end.x - start.x) * dx + (end.y - start.y) * dy;
    if (along <= 1) continue;
    const off = Math.abs((end.x - start.x) * dy) + Math.abs((end.y - start.y) * dx);
    const cost = (along + off * SIDEWAYS) * (linked.has(target.id) ? LINKED : 1);
    if (cost < least) [least, best] = [cost, { kind: target.kind, id: target.id }];
  }
  return best;
}

/** The next link of a thing, or the one before, also many that are drawn as one; after the last comes the first. */
export function nextLink(scene: Scene, thing: string, selected: string | undefined, step: 1 | -1): Picked | undefined {
  const lines = linesAt(scene, thing);
  const at = lines.findIndex(({ id }) => id === selected);
  const next = lines[(at < 0 ? (step > 0 ? 0 : lines.length - 1) : at + step + lines.length) % lines.length];
  return next && { kind: next.bundled === undefined ? 'edge' : 'links', id: next.id };
}

/** A link that is drawn, or many that are drawn as one. */
export function lineOf({ sums, lines }: Scene, id: string): Line | undefined {
  for (const list of [sums, ...lines.map((part) => part.lines)]) {
    const line = list.find((one) => one.id === id);
    if (line) return line;
  }
  return undefined;
}

/** Where a link is come to by keys: a place of no size in its middle. */
export const middleOf = (line: Line): Rectangle => ({ ...pointOn(line, 0.5), width: 0, height: 0 });

const linesAt = ({ sums, lines }: Scene, thing: string | undefined): readonly Line[] =>
  [sums, ...lines.map((part) => part.lines)].flatMap((list) => list.filter(({ from, to }) => from === thing || to === thing));

const middle = ({ x, y, width, height }: Rectangle): { readonly x: number; readonly y: number } => ({
  x: x + width / 2,
  y: y + height / 2,
});
