import type { Rectangle } from '../layout/placeGroups.js';
import { pointOn } from '../scene/lines.js';
import type { Line, View } from '../scene/scene.js';

/** What is under the pointer. */
export interface Picked {
  readonly kind: 'group' | 'node' | 'edge' | 'links';
  readonly id: string;
}

/** Points of a curve that are looked at. */
const PROBES = 16;

/** The innermost thing at a point of the picture, else the nearest link, or many that are drawn as one, within `reach`. */
export function pickAt({ parts, lines, sums }: View, x: number, y: number, reach: number): Picked | undefined {
  let found: Picked | undefined;
  let isOnTop = false;
  // Targets come from the outside in: the last that matches is the innermost.
  for (const { id, bounds, targets } of parts) {
    if (!contains(bounds, x, y)) continue;
    for (const target of targets) {
      if (!contains(target, x, y)) continue;
      found = { kind: target.kind, id: target.id };
      // Links run below cards and glyphs.
      isOnTop = !target.isArea || id === '';
    }
  }
  if (isOnTop) return found;
  const near: { line: Line | undefined; distance: number } = { line: undefined, distance: reach };
  for (const part of lines) lookNear(part.lines, x, y, near);
  // Sums run below open groups.
  if (found === undefined) lookNear(sums, x, y, near);
  return near.line ? { kind: near.line.bundled === undefined ? 'edge' : 'links', id: near.line.id } : found;
}

/** The closed group at a point of the picture. */
export const cardAt = ({ parts }: View, x: number, y: number): string | undefined =>
  parts.find(({ id }) => id === '')?.targets.find((target) => contains(target, x, y))?.id;

/** Looks for a line that is nearer than the nearest so far. */
function lookNear(lines: readonly Line[], x: number, y: number, near: { line: Line | undefined; distance: number }): void {
  for (const line of lines) {
    if (line.opacity < 0.1 || !isNear(line, x, y, near.distance)) continue;
    for (let probe = 0; probe < PROBES; probe++) {
      const distance = distanceToPiece(x, y, pointOn(line, probe / PROBES), pointOn(line, (probe + 1) / PROBES));
      if (distance >= near.distance) continue;
      near.distance = distance;
      near.line = line;
    }
  }
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
