import type { Rectangle } from '../layout/placeGroups.js';
import { pointOn } from '../scene/lines.js';
import { AREA_HEADER, GROUP_HEADER } from '../layout/measures.js';
import type { Line, Target, View } from '../scene/scene.js';
import type { Tellable } from '../scene/tips.js';

/** What is under the pointer. */
export interface Picked {
  readonly kind: 'group' | 'node' | 'edge';
  readonly id: string;
}

/** Points of a curve that are looked at. */
const PROBES = 16;

/** What a point of the picture is part of. */
export interface Pointed {
  /** What is taken by a press: the innermost thing, else the nearest link within reach. */
  readonly picked: Picked | undefined;
  /** What is told about: also lines that stand for several links; of what is open or holds others, only its head. */
  readonly told: Tellable | undefined;
}

const NOTHING: Pointed = { picked: undefined, told: undefined };

export function pointedAt(view: View, x: number, y: number, reach: number): Pointed {
  let found: Target | undefined;
  let isCard = false;
  // Targets come from the outside in: the last that matches is the innermost.
  for (const { id, bounds, targets } of view.parts) {
    if (!contains(bounds, x, y)) continue;
    for (const target of targets) {
      if (!contains(target, x, y)) continue;
      found = target;
      isCard = id === '';
    }
  }
  const picked = found && { kind: found.kind, id: found.id };
  if (found && (!found.isArea || isCard)) return { picked, told: picked };
  const line = nearest(view.lines, x, y, reach) ?? (found ? undefined : nearest([{ lines: view.sums }], x, y, reach));
  if (line?.bundled !== undefined) return { picked, told: { kind: 'line', line } };
  if (line) {
    const link: Picked = { kind: 'edge', id: line.id };
    return { picked: link, told: link };
  }
  if (!found) return NOTHING;
  const isHead = y - found.y < (found.kind === 'group' ? GROUP_HEADER : AREA_HEADER);
  return { picked, told: isHead ? picked : undefined };
}

function nearest(parts: readonly { readonly lines: readonly Line[] }[], x: number, y: number, reach: number): Line | undefined {
  let least = reach;
  let found: Line | undefined;
  for (const { lines } of parts)
    for (const line of lines) {
      if (line.opacity < 0.1 || !isNear(line, x, y, reach)) continue;
      for (let probe = 0; probe < PROBES; probe++) {
        const distance = distanceToPiece(x, y, pointOn(line, probe / PROBES), pointOn(line, (probe + 1) / PROBES));
        if (distance >= least) continue;
        least = distance;
        found = line;
      }
    }
  return found;
}

/** Things, not areas, whose middle lies between two corners. */
export function nodesIn({ parts }: View, from: Point, to: Point): readonly string[] {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  const found: string[] = [];
  for (const { targets } of parts)
    for (const { kind, isArea, id, x, y, width, height } of targets) {
      const [middleX, middleY] = [x + width / 2, y + height / 2];
      if (kind === 'node' && !isArea && middleX >= left && middleX <= right && middleY >= top && middleY <= bottom) found.push(id);
    }
  return found;
}

const contains = (box: Rectangle, x: number, y: number): boolean =>
  x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;

function isNear(line: Line, x: number, y: number, reach: number): boolean {
  const { x0, y0, x1, y1, cx, cy } = line;
  return (
    x >= Math.min(x0, x1, cx) - reach &&
    x <= Math.max(x0, x1, cx) + reach &&
    y >= Math.min(y0, y1, cy) - reach &&
    y <= Math.max(y0, y1, cy) + reach
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function distanceToPiece(x: number, y: number, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  const t = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / square));
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
}
