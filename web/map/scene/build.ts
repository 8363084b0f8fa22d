import type { PictureNode } from '../../data/elements.js';
import { AREA_HEADER, CARD_WIDTH, CELL_WIDTH, GLYPH_SIZE, GROUP_HEADER, PADDING } from '../layout/measures.js';
import type { Rectangle } from '../layout/placeGroups.js';
import { familyOf, SHAPES, shapeOf } from './kinds.js';
import { buildLines, buildSums } from './lines.js';
import { countsText } from './words.js';
import type { Drawn, Fill, Group, Label, Mark, OpenGroup, Role, Scene, SceneInput, Target } from './scene.js';

/** What is not meant is still there, but steps back. */
const DIMMED = 0.22;
const RECTANGLE = { shape: 0, radius: 6, edgeWidth: 1, pattern: 'solid', opacity: 1 } as const;

const FILL_OF: Readonly<Record<string, Fill>> = { UP: 'solid', DOWN: 'hollowBar', UNKNOWN: 'dotted', OTHER: 'half' };
const ROLE_OF: Readonly<Record<string, Role>> = { UP: 'up', DOWN: 'down', UNKNOWN: 'unknown', OTHER: 'other' };

/** Makes shapes, lines and labels from elements. Pure: the same input is the same picture. */
export function buildScene(input: SceneInput): Scene {
  const areas: Drawn[] = [];
  const glyphs: Drawn[] = [];
  const labels: Label[] = [];
  const targets: Target[] = [];
  const places = new Map<string, Rectangle>();

  for (const group of input.groups) {
    const place = input.places.get(group.id);
    if (place === undefined) continue;
    places.set(group.id, place);
    targets.push({ ...place, kind: 'group', id: group.id, group: group.id, isArea: true });
    const open = input.open.get(group.id);
    if (open === undefined) drawCard(group, place, input, glyphs, labels);
    else drawOpen(group, place, open, input, { areas, glyphs, labels, targets, places });
  }
  return {
    areas,
    sums: buildSums(input, places),
    lines: buildLines(input, places),
    glyphs,
    labels,
    targets,
    bounds: boundsOf(input.places.values()),
    places,
  };
}

interface Layers {
  readonly areas: Drawn[];
  readonly glyphs: Drawn[];
  readonly labels: Label[];
  readonly targets: Target[];
  readonly places: Map<string, Rectangle>;
}

function drawCard(group: Group, place: Rectangle, input: SceneInput, glyphs: Drawn[], labels: Label[]): void {
  const found = input.foundIn?.get(group.id) ?? 0;
  const opacity = input.foundIn !== undefined && found === 0 ? DIMMED : 1;
  const isSelected = input.selected === group.id;
  glyphs.push({
    ...RECTANGLE,
    ...place,
    fill: 'card',
    edge: isSelected || input.lit.has(group.id) ? 'accent' : 'cardEdge',
    edgeWidth: isSelected ? 2 : 1,
    opacity,
  });
  const label = { x: place.x + PADDING, align: 'left', opacity, isTitle: true, maxWidth: CARD_WIDTH - 2 * PADDING } as const;
  labels.push({ ...label, text: group.title, y: place.y + 22, size: 14, role: 'text', isStrong: true });
  labels.push({ ...label, text: countsText(group.counts), y: place.y + 44, size: 12, role: 'muted', isStrong: false, isTitle: false });
  drawStates(group, place, opacity, glyphs, labels);
  const note = noteOf(group.id, found, input);
  if (note)
    labels.push({
      ...label,
      ...note,
      x: place.x + place.width - PADDING,
      y: place.y + 22,
      align: 'right',
      size: 12,
      isStrong: true,
      maxWidth: 90,
    });
}

/** What was found in it, or what happened to it, in few characters. */
function noteOf(id: string, found: number, input: SceneInput): { readonly text: string; readonly role: Role } | undefined {
  const marks = input.marksIn.get(id);
  if (marks !== undefined) {
    const parts = [marks.added && `+${marks.added}`, marks.removed && `−${marks.removed}`, marks.changed && `Δ${marks.changed}`];
    const text = parts.filter(Boolean).join(' ');
    return text ? { text, role: marks.removed ? 'removed' : marks.added ? 'added' : 'changed' } : undefined;
  }
  return found > 0 ? { text: `${found} found`, role: 'accent' } : undefined;
}

/** A bar as long as there are things, in the colours of their states, and beside it how many are down. */
function drawStates(group: Group, place: Rectangle, opacity: number, glyphs: Drawn[], labels: Label[]): void {
  const total = group.states.reduce((sum, { count }) => sum + count, 0);
  const down = group.states.find(({ state }) => state === 'DOWN')?.count ?? 0;
  const width = place.width - 2 * PADDING - (down > 0 ? 64 : 0);
  let x = place.x + PADDING;
  const y = place.y + place.height - 22;
  for (const state of ['UP', 'OTHER', 'UNKNOWN', 'DOWN']) {
    const count = group.states.find((entry) => entry.state === state)?.count ?? 0;
    if (count === 0) continue;
    const length = Math.max(3, (width * count) / total);
    glyphs.push({
      ...RECTANGLE,
      x,
      y,
      width: length - 1.5,
      height: 6,
      radius: 2,
      edgeWidth: 0,
      fill: ROLE_OF[state]!,
      edge: ROLE_OF[state]!,
      opacity,
    });
    x += length;
  }
  if (down > 0) {
    const at = {
      x: place.x + place.width - PADDING,
      y: y + 3,
      size: 12,
      align: 'right',
      maxWidth: 76,
      isTitle: false,
      isStrong: false,
    } as const;
    labels.push({ ...at, text: `${down} down`, role: 'down', opacity });
  }
}

function drawOpen(group: Group, place: Rectangle, open: OpenGroup, input: SceneInput, layers: Layers): void {
  const { areas, labels, targets, places } = layers;
  const isSelected = input.selected === group.id;
  areas.push({ ...RECTANGLE, ...place, fill: 'card', edge: isSelected ? 'accent' : 'cardEdge', edgeWidth: isSelected ? 2 : 1 });
  const title = { x: place.x + PADDING, y: place.y + GROUP_HEADER / 2, align: 'left', opacity: 1 } as const;
  labels.push({
    ...title,
    text: group.title,
    size: 16,
    role: 'text',
    isStrong: true,
    isTitle: true,
    maxWidth: place.width - 2 * PADDING - 24,
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

  const near = neighboursOf(input.selected, open);
  for (const [id, box] of open.boxes) {
    const node = open.nodes.get(id);
    if (node === undefined) continue;
    const pieces = piecesOf(node, group.id, place, box, near, input);
    places.set(id, pieces.target);
    targets.push(pieces.target);
    for (const area of pieces.areas) areas.push(area);
    for (const glyph of pieces.glyphs) layers.glyphs.push(glyph);
    for (const label of pieces.labels) labels.push(label);
  }
}

/** What is drawn of one node, and what it was made from. */
interface Pieces extends Pick<Layers, 'areas' | 'glyphs' | 'labels'> {
  readonly target: Target;
  readonly opacity: number;
  readonly mark: Mark | undefined;
  readonly isSelected: boolean;
  readonly isLit: boolean;
}

/** A version of a node is an object of its own: as long as it stands where it stood, it looks as it did. */
const made = new WeakMap<PictureNode, Pieces>();

function piecesOf(
  node: PictureNode,
  group: string,
  corner: Rectangle,
  box: Rectangle,
  near: ReadonlySet<string> | undefined,
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
  if (known !== undefined && known.opacity === opacity && known.mark === mark && known.isSelected === isSelected && known.isLit === isLit) {
    const { target } = known;
    if (target.x === x && target.y === y && target.width === box.width && target.height === box.height && target.group === group)
      return known;
  }
  const target: Target = { x, y, width: box.width, height: box.height, kind: 'node', id, group, isArea };
  const pieces: Pieces = { target, opacity, mark, isSelected, isLit, areas: [], glyphs: [], labels: [] };
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

function drawArea(node: PictureNode, { target: at, opacity, mark, isSelected, areas, labels }: Pieces): void {
  const edge = isSelected ? 'accent' : (mark ?? (node.state === 'DOWN' ? 'down' : 'areaEdge'));
  const { x, y, width, height } = at;
  areas.push({ ...RECTANGLE, x, y, width, height, fill: 'area', edge, edgeWidth: isSelected || mark ? 2 : 1, opacity });
  const label = { y: at.y + AREA_HEADER / 2, size: 12, isTitle: true, opacity } as const;
  labels.push({
    ...label,
    text: node.name,
    x: at.x + PADDING,
    align: 'left',
    role: 'text',
    isStrong: true,
    maxWidth: at.width - 2 * PADDING - 48,
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

const MARK_TEXT = { added: '+', removed: '−', changed: 'Δ' } as const;

function drawGlyph(node: PictureNode, { target: at, opacity, mark, isSelected, isLit, glyphs, labels }: Pieces): void {
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
  const role = ROLE_OF[node.state] ?? 'unknown';
  const faded = mark === 'removed' ? 0.5 : opacity;
  const shape = shapeOf(family);
  glyphs.push({
    x,
    y,
    width: GLYPH_SIZE,
    height: GLYPH_SIZE,
    shape: SHAPES[shape],
    radius: 3,
    fill: role,
    edge: role,
    edgeWidth: 1.5,
    pattern: FILL_OF[node.state] ?? 'dotted',
    opacity: faded,
  });
  if (family === 'bond')
    glyphs.push({
      ...RECTANGLE,
      x: x + 4,
      y: y + 4,
      width: 6,
      height: 6,
      radius: 1,
      fill: 'card',
      edge: 'card',
      edgeWidth: 0,
      opacity: faded,
    });
  const text = { x: x + GLYPH_SIZE + 6, y: at.y + at.height / 2, size: 12, align: 'left', isTitle: false } as const;
  labels.push({
    ...text,
    text: node.name,
    role: 'text',
    isStrong: isSelected,
    maxWidth: CELL_WIDTH - GLYPH_SIZE - (mark ? 30 : 18),
    opacity: faded,
  });
  if (mark) labels.push({ ...text, text: MARK_TEXT[mark], x: at.x + at.width - 16, role: mark, isStrong: true, maxWidth: 14, opacity: 1 });
}

/** The smallest rectangle around all; empty at the origin when there are none. */
export function boundsOf(rectangles: Iterable<Rectangle>): Rectangle {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of rectangles) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left === Infinity ? { x: 0, y: 0, width: 0, height: 0 } : { x: left, y: top, width: right - left, height: bottom - top };
}
