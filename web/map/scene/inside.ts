import type { PictureNode } from '../../data/elements.js';
import { AREA_HEADER, CELL_WIDTH, GLYPH_SIZE, GROUP_HEADER, PADDING } from '../layout/measures.js';
import type { Rectangle } from '../layout/placeGroups.js';
import { familyOf, familyOfGroup, SHAPES, shapeOf } from '../../data/kinds.js';
import { heatOf } from './measures.js';
import { DIMMED, FILL_OF, GROUP_SIGN, HEAD_SIGN, headSign, RECTANGLE, ROLE_OF } from './looks.js';
import type { Drawn, Group, Label, Mark, OpenGroup, Role, SceneInput, ScenePart, Span, Target } from './scene.js';

/** Everything that an open group holds. */
export function buildInside(group: Group, place: Rectangle, open: OpenGroup, input: SceneInput, before: ScenePart | undefined): ScenePart {
  const near = neighboursOf(input.selected, open);
  const isSelected = input.selected === group.id;
  const { selected, found, lit, marks, scale } = input;
  const own = selected !== undefined && open.nodes.has(selected) ? selected : undefined;
  const { x, y, width, height } = place;
  const looks = [found, lit, marks, scale, scale && open.readings, group.title, isSelected];
  const madeFrom = [open.boxes, open.nodes, own, near && open.structure, ...looks, x, y, width, height];
  if (before !== undefined && isSame(before.madeFrom, madeFrom)) return before;

  const areas: Drawn[] = [];
  const glyphs: Drawn[] = [];
  const labels: Label[] = [];
  const targets: Target[] = [{ ...place, kind: 'group', id: group.id, group: group.id, isArea: true }];
  const places = new Map<string, Rectangle>([[group.id, place]]);
  const spans = new Map<string, Span>();
  drawFrame(group, place, isSelected, areas, glyphs, labels);
  for (const [id, box] of open.boxes) {
    const node = open.nodes.get(id);
    if (node === undefined) continue;
    const pieces = piecesOf(node, group.id, place, box, near, stepOf(node, open, input), input);
    spans.set(id, { areaAt: areas.length, glyphAt: glyphs.length, labelAt: labels.length });
    places.set(id, pieces.target);
    targets.push(pieces.target);
    for (const area of pieces.areas) areas.push(area);
    for (const glyph of pieces.glyphs) glyphs.push(glyph);
    for (const label of pieces.labels) labels.push(label);
  }
  return { id: group.id, madeFrom, bounds: place, areas, glyphs, labels, targets, places, spans, near };
}

/** Which of the shapes of a part look different now. */
export interface Redrawn {
  readonly areas: readonly number[];
  readonly glyphs: readonly number[];
  readonly labels: boolean;
}

/** Draws these nodes, of the same kinds as before, anew in their place. */
export function redraw(part: ScenePart, nodes: Iterable<PictureNode>, input: SceneInput): Redrawn {
  const place = input.places.get(part.id);
  const open = input.open.get(part.id);
  const redrawn = { areas: [] as number[], glyphs: [] as number[], labels: false };
  if (place === undefined || open === undefined) return redrawn;
  for (const node of nodes) {
    const span = part.spans.get(node.id);
    const box = open.boxes.get(node.id);
    if (span === undefined || box === undefined) continue;
    const pieces = piecesOf(node, part.id, place, box, part.near, stepOf(node, open, input), input);
    pieces.areas.forEach((area, index) => redrawn.areas.push(put(part.areas, span.areaAt + index, area)));
    pieces.glyphs.forEach((glyph, index) => redrawn.glyphs.push(put(part.glyphs, span.glyphAt + index, glyph)));
    pieces.labels.forEach((label, index) => {
      redrawn.labels ||= !isSameLabel(part.labels[span.labelAt + index]!, label);
      part.labels[span.labelAt + index] = label;
    });
  }
  return redrawn;
}

const isSameLabel = (a: Label, b: Label): boolean => a.text === b.text && a.role === b.role && a.opacity === b.opacity;

function put<Value>(list: Value[], index: number, value: Value): number {
  list[index] = value;
  return index;
}

/** Whether two parts were made from the same, value by value. */
export const isSame = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((value, index) => Object.is(value, b[index]));

function drawFrame(group: Group, place: Rectangle, isSelected: boolean, areas: Drawn[], glyphs: Drawn[], labels: Label[]): void {
  areas.push({ ...RECTANGLE, ...place, fill: 'card', edge: isSelected ? 'accent' : 'cardEdge', edgeWidth: isSelected ? 2 : 1 });
  const icon = familyOfGroup(group.id);
  const title = { x: place.x + PADDING, y: place.y + GROUP_HEADER / 2, align: 'left', opacity: 1 } as const;
  if (icon) glyphs.push(headSign(icon, title.x, title.y, 1, GROUP_SIGN));
  labels.push({
    ...title,
    indent: icon ? GROUP_SIGN + 6 : 0,
    top: place.y,
    text: group.title,
    size: 16,
    role: 'text',
    isStrong: true,
    isTitle: true,
    maxWidth: place.width - 2 * PADDING - 20,
  });
  labels.push({
    ...title,
    text: '−',
    x: place.x + place.width - PADDING - 6,
    align: 'center',
    size: 16,
    role: 'muted',
    isStrong: false,
    isTitle: false,
    maxWidth: 20,
  });
}

/** What is drawn of one node, and what it was made from. */
interface Pieces {
  readonly areas: Drawn[];
  readonly glyphs: Drawn[];
  readonly labels: Label[];
  readonly target: Target;
  readonly opacity: number;
  readonly mark: Mark | undefined;
  readonly isSelected: boolean;
  readonly isLit: boolean;
  readonly heat: Heat;
}

/** The colour of what is measured; `none` where nothing is, `undefined` where colours say the state. */
type Heat = Role | 'none' | undefined;

function stepOf(node: PictureNode, { readings }: OpenGroup, { scale }: SceneInput): Heat {
  if (scale === undefined) return undefined;
  const reading = readings.get(node.id);
  const value = reading && scale.valueOf(node, reading);
  return value === undefined ? 'none' : heatOf(scale.stepOf(value), scale);
}

/** A version of a node is an object of its own: as long as it stands where it stood, it looks as it did. */
const made = new WeakMap<PictureNode, Pieces>();

function piecesOf(
  node: PictureNode,
  group: string,
  corner: Rectangle,
  box: Rectangle,
  near: ReadonlySet<string> | undefined,
  heat: Heat,
  input: SceneInput,
): Pieces {
  const { id } = node;
  const isArea = box.width !== CELL_WIDTH;
  // An area steps back only when it is not looked for: what is inside may be near.
  const opacity = opacityOf(node, input, isArea ? undefined : near);
  const mark = input.marks.get(id);
  const isSelected = input.selected === id;
  const isLit = input.lit.has(id) || (input.found?.has(id) ?? false);
  const [x, y] = [corner.x + box.x, corner.y + box.y];
  const known = made.get(node);
  if (
    known?.opacity === opacity &&
    known.mark === mark &&
    known.isSelected === isSelected &&
    known.isLit === isLit &&
    known.heat === heat
  ) {
    const { target } = known;
    if (target.x === x && target.y === y && target.width === box.width && target.height === box.height && target.group === group)
      return known;
  }
  const target: Target = { x, y, width: box.width, height: box.height, kind: 'node', id, group, isArea };
  const pieces: Pieces = { target, opacity, mark, isSelected, isLit, heat, areas: [], glyphs: [], labels: [] };
  if (isArea) drawArea(node, pieces);
  else drawGlyph(node, pieces);
  made.set(node, pieces);
  return pieces;
}

function opacityOf({ id }: PictureNode, { found, selected, lit }: SceneInput, near: ReadonlySet<string> | undefined): number {
  if (found !== undefined && !found.has(id)) return DIMMED;
  if (near !== undefined && id !== selected && !near.has(id) && !lit.has(id)) return 0.45;
  return 1;
}

/** What is one link away from the selected thing; `undefined` when nothing of this group is selected. */
function neighboursOf(selected: string | undefined, { nodes, edges }: OpenGroup): ReadonlySet<string> | undefined {
  if (selected === undefined || !nodes.has(selected)) return undefined;
  const near = new Set<string>();
  for (const { sourceId, targetId } of edges.values()) {
    if (sourceId === selected) near.add(targetId);
    else if (targetId === selected) near.add(sourceId);
  }
  return near;
}

function drawArea(node: PictureNode, { target: at, opacity, mark, isSelected, areas, glyphs, labels }: Pieces): void {
  const edge = isSelected ? 'accent' : (mark ?? (node.state === 'DOWN' ? 'down' : 'areaEdge'));
  const { x, y, width, height } = at;
  areas.push({ ...RECTANGLE, x, y, width, height, fill: 'area', edge, edgeWidth: isSelected || mark ? 2 : 1, opacity });
  const family = familyOf(node as Parameters<typeof familyOf>[0]);
  glyphs.push(headSign(family, at.x + 8, at.y + AREA_HEADER / 2, opacity));
  const label = { y: at.y + AREA_HEADER / 2, size: 12, isTitle: true, opacity, halo: 'area' } as const;
  labels.push({
    ...label,
    text: node.name,
    x: at.x + 8,
    indent: HEAD_SIGN + 5,
    top: at.y,
    align: 'left',
    role: 'text',
    isStrong: true,
    maxWidth: at.width - 2 * PADDING - 44,
  });
  labels.push({
    ...label,
    text: node.type,
    x: at.x + at.width - PADDING,
    align: 'right',
    role: 'muted',
    isStrong: false,
    isTitle: false,
    maxWidth: 60,
  });
}

/** Screen pixels for each of the picture from which there is room for addresses below the names. */
const CLOSE_SCALE = 1.5;
/** Room for one sign: with less it would be left out as unreadable. */
const MARK_WIDTH = 20;
const MARK_TEXT = { added: '+', removed: '−', changed: 'Δ' } as const;

/** What is down keeps its bar, whatever the colours say. */
function toneOf({ state }: PictureNode, heat: Heat): Pick<Drawn, 'fill' | 'edge' | 'pattern'> {
  const role = ROLE_OF[state] ?? 'unknown';
  if (heat === undefined) return { fill: role, edge: role, pattern: FILL_OF[state] ?? 'dotted' };
  const isDown = state === 'DOWN';
  if (heat === 'none') return { fill: 'unknown', edge: 'unknown', pattern: isDown ? 'hollowBar' : 'none' };
  return { fill: heat, edge: isDown ? 'text' : 'linkStrong', pattern: isDown ? 'barred' : 'solid' };
}

function drawGlyph(node: PictureNode, { target: at, opacity, mark, isSelected, isLit, heat, glyphs, labels }: Pieces): void {
  const family = familyOf(node as Parameters<typeof familyOf>[0]);
  const x = at.x + 2;
  const y = at.y + (at.height - GLYPH_SIZE) / 2;
  if (isSelected || isLit || mark) {
    const edge: Role = isSelected || !mark ? 'accent' : mark;
    glyphs.push({
      ...RECTANGLE,
      x: at.x - 3,
      y: at.y + 1,
      width: at.width - 4,
      height: at.height - 2,
      fill: edge,
      edge,
      edgeWidth: isSelected ? 2 : 1,
      pattern: 'none',
      opacity: isSelected || mark ? 1 : 0.6,
    });
  }
  const faded = mark === 'removed' ? 0.5 : opacity;
  const shape = shapeOf(family);
  glyphs.push({
    x,
    y,
    width: GLYPH_SIZE,
    height: GLYPH_SIZE,
    shape: SHAPES[shape],
    radius: 3,
    ...toneOf(node, heat),
    ...(family === 'other' ? {} : { icon: family }),
    edgeWidth: 1.5,
    opacity: faded,
  });
  const text = { x: x + GLYPH_SIZE + 6, y: at.y + at.height / 2, size: 12, align: 'left', isTitle: false, halo: 'area' } as const;
  labels.push({
    ...text,
    text: node.name,
    role: 'text',
    isStrong: isSelected,
    maxWidth: CELL_WIDTH - GLYPH_SIZE - (mark ? 36 : 18),
    opacity: faded,
  });
  // Also without any: those that come later are written in its place.
  if ('addresses' in node)
    labels.push({
      ...text,
      text: node.addresses.join('  '),
      y: at.y + at.height - 4,
      size: 6.5,
      role: 'muted',
      isStrong: false,
      maxWidth: CELL_WIDTH - GLYPH_SIZE - 12,
      leastScale: CLOSE_SCALE,
      opacity: faded,
    });
  if (mark)
    labels.push({ ...text, text: MARK_TEXT[mark], x: at.x + at.width - 22, role: mark, isStrong: true, maxWidth: MARK_WIDTH, opacity: 1 });
}
