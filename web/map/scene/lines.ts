import type { Rectangle } from '../layout/placeGroups.js';
import { CELL_WIDTH, GLYPH_SIZE } from '../layout/measures.js';
import type { Line, Role, SceneInput } from './scene.js';

/** Containment shows ownership; it is never a line. */
const OWNERSHIP = 'ownership';
/** How far a link bends from the straight way, as a share of its length, and at most in pixels. */
const BEND = 0.16;
const MOST_BEND = 60;
const FAINT = 0.3;
/** Bits a second at which a link between groups begins to grow, and pixels for each tenfold of it. */
const THIN_BPS = 1_000;
const PIXELS_PER_DECADE = 0.9;

const STYLES: Readonly<Record<string, Line['style']>> = {
  layer3: 'dashed',
  l3: 'dashed',
  vlayer2: 'double',
  tunnel: 'double',
  overlay: 'double',
};

/** Links between closed groups, summed up. */
export function buildSums(input: SceneInput, places: ReadonlyMap<string, Rectangle>): Line[] {
  const lines: Line[] = [];
  for (const link of input.links) {
    if (input.open.has(link.a) || input.open.has(link.b)) continue;
    const [a, b] = [places.get(link.a), places.get(link.b)];
    if (!a || !b || !link.relationTypes.some((type) => input.showsLink(type))) continue;
    const isMeant =
      input.selected === undefined || input.selected === link.a || input.selected === link.b || !isGroup(input, input.selected);
    const rate = (link.abBitsPerSecond ?? 0) + (link.baBitsPerSecond ?? 0);
    lines.push({
      ...bent(centre(a), centre(b)),
      id: `link:${link.a}|${link.b}`,
      from: link.a,
      to: link.b,
      width: Math.min(8, 1.5 + Math.log10(1 + rate / THIN_BPS) * PIXELS_PER_DECADE + Math.log10(link.count) * 0.6),
      role: 'linkStrong',
      opacity: isMeant ? 1 : FAINT,
      style: link.relationTypes.every((type) => STYLES[type] === 'dashed') ? 'dashed' : 'solid',
    });
  }
  return lines;
}

/** From an open group each link by itself, to the thing or to the closed group that it is in. */
export function buildLines(input: SceneInput, places: ReadonlyMap<string, Rectangle>): Line[] {
  const lines: Line[] = [];
  const drawn = new Set<string>();
  for (const [groupId, open] of input.open) {
    for (const edge of open.edges.values()) {
      if (edge.relationType === OWNERSHIP || drawn.has(edge.id) || !input.showsLink(edge.relationType)) continue;
      const from = endOf(edge.sourceId, groupId, input, places);
      const to = endOf(edge.targetId, groupId, input, places);
      if (!from || !to || (from.id === to.id && from.isGroup)) continue;
      drawn.add(edge.id);
      const isOwn = edge.id === input.selected || edge.sourceId === input.selected || edge.targetId === input.selected;
      const mark = input.marks.get(edge.id);
      const isLit = isOwn || input.lit.has(edge.id);
      const isDimmed = input.found !== undefined && !(input.found.has(edge.sourceId) && input.found.has(edge.targetId));
      lines.push({
        ...bent(from.point, to.point),
        id: edge.id,
        from: from.id,
        to: to.id,
        width: isLit || mark ? 2.5 : 1.2,
        role: isLit ? 'accent' : (mark ?? ('link' satisfies Role)),
        opacity: isLit || mark ? 1 : isDimmed || (input.selected !== undefined && !isGroup(input, input.selected)) ? FAINT : 0.8,
        style: STYLES[edge.relationType] ?? 'solid',
      });
    }
  }
  return lines;
}

const isGroup = (input: SceneInput, id: string): boolean => input.places.has(id);

interface Point {
  readonly x: number;
  readonly y: number;
}

const centre = ({ x, y, width, height }: Rectangle): Point => ({ x: x + width / 2, y: y + height / 2 });

/** A link ends at the glyph of a leaf, at the middle of an area, or at the group in which its end is closed away. */
function endOf(
  id: string,
  groupId: string,
  input: SceneInput,
  places: ReadonlyMap<string, Rectangle>,
): { readonly id: string; readonly isGroup: boolean; readonly point: Point } | undefined {
  const place = places.get(id);
  if (place !== undefined) return { id, isGroup: false, point: isLeaf(place) ? glyphOf(place) : centre(place) };
  const node = input.open.get(groupId)!.nodes.get(id);
  if (node === undefined) return undefined;
  const group = input.groupOf(node);
  if (input.open.has(group)) return undefined; // Left out there, by a layer or by what is hidden.
  const card = places.get(group);
  return card && { id: group, isGroup: true, point: centre(card) };
}

const isLeaf = ({ width }: Rectangle): boolean => width === CELL_WIDTH;
const glyphOf = ({ x, y, height }: Rectangle): Point => ({ x: x + 2 + GLYPH_SIZE / 2, y: y + height / 2 });

/** Bends always to the same side of its direction from left to right, so that a link and the way back lie together. */
function bent(from: Point, to: Point): Pick<Line, 'x0' | 'y0' | 'cx' | 'cy' | 'x1' | 'y1'> {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const side = dx < 0 || (dx === 0 && dy < 0) ? -1 : 1;
  const bend = Math.min(MOST_BEND, length * BEND) * side;
  return {
    x0: from.x,
    y0: from.y,
    cx: (from.x + to.x) / 2 + (dy / length) * bend,
    cy: (from.y + to.y) / 2 - (dx / length) * bend,
    x1: to.x,
    y1: to.y,
  };
}

/** The point of the curve at `t`, 0 to 1. */
export function pointOn({ x0, y0, cx, cy, x1, y1 }: Pick<Line, 'x0' | 'y0' | 'cx' | 'cy' | 'x1' | 'y1'>, t: number): Point {
  const s = 1 - t;
  return { x: s * s * x0 + 2 * s * t * cx + t * t * x1, y: s * s * y0 + 2 * s * t * cy + t * t * y1 };
}
