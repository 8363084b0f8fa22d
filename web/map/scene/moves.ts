import { placeOf } from './build.js';
import type { Line, Scene, ScenePart } from './scene.js';

/** How far things were from where they are now, by id; what stays is not in it. */
export type Moved = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

/** What moved from one scene to the next. */
export function movedBetween(before: Scene, after: Scene): Moved {
  const moved = new Map<string, { readonly x: number; readonly y: number }>();
  for (const part of after.parts) {
    const known = before.parts.find(({ id }) => id === part.id);
    if (known === part) continue;
    for (const [id, place] of part.places) {
      const was = known?.places.get(id) ?? (id === part.id || part.id === '' ? placeOf(before, id) : undefined);
      if (was !== undefined && (was.x !== place.x || was.y !== place.y)) moved.set(id, { x: was.x - place.x, y: was.y - place.y });
    }
  }
  return moved;
}

const BEGINS = { areas: 'areaAt', glyphs: 'glyphAt' } as const;

/** Two numbers for each shape of a part: how far it was from where it is. `undefined` when nothing in it moved. */
export function shiftsOf(part: ScenePart, name: keyof typeof BEGINS, moved: Moved): Float32Array | undefined {
  const { length } = part[name];
  const shifts = new Float32Array(length * 2);
  let isAny = false;
  const put = (id: string, from: number, to: number): void => {
    const shift = moved.get(id);
    if (shift === undefined) return;
    isAny = true;
    for (let index = from; index < to; index++) shifts.set([shift.x, shift.y], index * 2);
  };
  // What stands before the first thing is the frame of the group.
  let [owner, from] = [part.id, 0];
  for (const [id, span] of part.spans) {
    put(owner, from, span[BEGINS[name]]);
    [owner, from] = [id, span[BEGINS[name]]];
  }
  put(owner, from, length);
  return isAny ? shifts : undefined;
}

/** Four numbers for each link: how far its ends were from where they are. */
export function lineShifts(lines: readonly Line[], moved: Moved): Float32Array | undefined {
  const shifts = new Float32Array(lines.length * 4);
  let isAny = false;
  lines.forEach((line, index) => {
    const [from, to] = [moved.get(line.from), moved.get(line.to)];
    if (from === undefined && to === undefined) return;
    isAny = true;
    shifts.set([from?.x ?? 0, from?.y ?? 0, to?.x ?? 0, to?.y ?? 0], index * 4);
  });
  return isAny ? shifts : undefined;
}
