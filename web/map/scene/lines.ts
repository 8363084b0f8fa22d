import { type Layer, layerOf, linksId, linksOf } from '../../data/linksBetween.js';
import { bits } from '../../ui/format.js';
import { boundsOf, overlaps, type Rectangle } from '../layout/placeGroups.js';
import { GLYPH_SIZE } from '../layout/measures.js';
import { areasOf, borderOf, type Bundle, bundled, isLeaf, type Parallel, type Place, takenIn } from './bundles.js';
import { isSame } from './inside.js';
import { type Traffic, trafficOf } from '../../data/traffic.js';
import type { Label, Line, LinePart, OpenGroup, Role, SceneInput, View } from './scene.js';

/** Containment shows ownership; it is never a line. */
const OWNERSHIP = 'ownership';
/** How far a link bends from the straight way, as a share of its length, and at most in pixels. */
const BEND = 0.16;
const MOST_BEND = 60;
const FAINT = 0.3;
const NORMAL = 0.8;
/** Links of a group beyond which each alone says little: they step back behind what they connect. */
const MANY_LINKS = 400;
/** Bits a second at which a link between groups begins to grow, and pixels for each tenfold of it. */
const THIN_BPS = 1_000;
const PIXELS_PER_DECADE = 0.9;
/** Powers of ten above that at which movement is fastest: 10 Gb/s. */
const FAST_DECADES = 7;
/** Room that the words of a rate take in the picture. */
const RATE_WIDTH = 72;
const RATE_HEIGHT = 18;
/** A link shorter than this in the picture has no room for its rate. */
const LEAST_LABELLED = 90;
/** The busiest links of a group say their rates. */
const MOST_LABELLED = 60;

const STYLES: Readonly<Record<Layer, Line['style']>> = { layer2: 'solid', overlay: 'double', layer3: 'dashed' };
const styleOf = (relationType: string): Line['style'] => STYLES[layerOf(relationType)];

/** Links between groups that are cards, summed up, with what traffic they come to. */
export function buildSums(
  input: Pick<SceneInput, 'links' | 'places' | 'selected' | 'showsLink'>,
  isCard: (id: string) => boolean,
): Pick<View, 'sums' | 'sumLabels'> {
  const rated: Rated[] = [];
  const { places } = input;
  const lines: Line[] = [];
  const { selected } = input;
  const isOfLinks = selected !== undefined && linksOf(selected) !== undefined;
  for (const link of input.links) {
    if (!isCard(link.a) || !isCard(link.b)) continue;
    const [a, b] = [places.get(link.a), places.get(link.b)];
    if (!a || !b || !link.relationTypes.some((type) => input.showsLink(type))) continue;
    const id = linksId({ layer: undefined, ends: 'groups', a: link.a, b: link.b });
    const isChosen = selected === id;
    const isMeant =
      selected === undefined || isChosen || selected === link.a || selected === link.b || !(isOfLinks || isGroup(input, selected));
    const [ab, ba] = [link.abBitsPerSecond ?? 0, link.baBitsPerSecond ?? 0];
    const rate = ab + ba;
    const line: Line = {
      ...bent(centre(a), centre(b)),
      id,
      from: link.a,
      to: link.b,
      width: Math.min(8, 1.5 + growthOf(rate) + Math.log10(link.count) * 0.6),
      role: isChosen ? 'accent' : 'linkStrong',
      opacity: isMeant ? 1 : FAINT,
      style: link.relationTypes.every((type) => layerOf(type) === 'layer3') ? 'dashed' : 'solid',
      flow: flowOf(ab, ba),
      bundled: link.count,
      traffic: { forth: ab, back: ba },
    };
    lines.push(line);
    if (rate >= THIN_BPS) rated.push({ line, rate, text: bits(rate) });
  }
  return { sums: lines, sumLabels: withRoom(rated, [...places.values()], 'canvas') };
}

/** Pixels by which traffic makes a link wider, bit/s, on a scale of tens. */
const growthOf = (rate: number): number => Math.log10(1 + rate / THIN_BPS) * PIXELS_PER_DECADE;
/** Where more of it goes, and how much. */
const flowOf = (forth: number, back: number): number =>
  (forth >= back ? 1 : -1) * Math.min(1, Math.log10(1 + Math.max(forth, back) / THIN_BPS) / FAST_DECADES);

/**
 * From an open group each link by itself, to the thing or to the closed group that it is in. A link between two open groups is drawn with the
 * one of its source.
 */
export function buildLines(groupId: string, open: OpenGroup, input: SceneInput, before: LinePart | undefined): LinePart {
  const { selected, found, lit, marks, showsLink } = input;
  const meant = selected !== undefined && !isGroup(input, selected) ? selected : undefined;
  const looks = [open.edges, open.readings, open.structure, meant, found, lit, marks, showsLink];
  // The ends of its links may lie in other groups: where those are was noted when the links were drawn.
  if (before !== undefined && isSame(before.madeFrom, [...looks, ...placesOf(before.reached, input)])) return before;
  const reached = new Set<string>([groupId]);
  const normal = open.edges.size > MANY_LINKS ? FAINT : NORMAL;
  const lines: Line[] = [];
  const rated: Rated[] = [];
  const parallel: Parallel[] = [];
  const areaOf = areasOf(groupId, open, input);
  let moving = 0;
  const placeOf = ({ group }: { readonly group: string }): Place | undefined => {
    const box = input.places.get(group);
    return box && { id: group, box };
  };
  const add = (line: Line, traffic: Traffic | undefined, text?: string): void => {
    const rate = rateOf(traffic);
    lines.push(line);
    if (rate >= THIN_BPS) moving += 1;
    else if (text === undefined) return;
    if (Math.hypot(line.x1 - line.x0, line.y1 - line.y0) >= LEAST_LABELLED)
      rated.push({ rate, line, text: rate >= THIN_BPS ? bits(rate) : text! });
  };
  for (const edge of open.edges.values()) {
    if (edge.relationType === OWNERSHIP || !showsLink(edge.relationType)) continue;
    const from = endOf(edge.sourceId, groupId, open, input, reached);
    const to = endOf(edge.targetId, groupId, open, input, reached);
    if (!from || !to || (from.id === to.id && from.isGroup)) continue;
    if (from.group !== groupId && input.open.get(from.group)?.edges.has(edge.id)) continue;
    const isOwn = meant !== undefined && (edge.id === meant || edge.sourceId === meant || edge.targetId === meant);
    const mark = marks.get(edge.id);
    const isLit = isOwn || lit.has(edge.id);
    const isDimmed = found !== undefined && !(found.has(edge.sourceId) && found.has(edge.targetId));
    const traffic = open.readings.size > 0 ? trafficOf(edge, open.nodes, open.readings) : undefined;
    const isMoving = rateOf(traffic) >= THIN_BPS;
    const line: Line = {
      ...bent(from.point, to.point),
      id: edge.id,
      from: from.id,
      to: to.id,
      width: Math.min(8, (isLit || mark ? 2.5 : 1.2) + growthOf(rateOf(traffic))),
      role: isLit ? 'accent' : (mark ?? (isMoving ? 'linkStrong' : 'link')),
      opacity: isLit || mark ? 1 : isDimmed || meant !== undefined ? FAINT : isMoving ? 1 : normal,
      style: styleOf(edge.relationType),
      flow: traffic && isMoving ? flowOf(traffic.forth, traffic.back) : 0,
    };
    const ends = from.group === to.group ? 'owners' : 'groups';
    const [a, b] = isLit || mark ? [] : ends === 'owners' ? [areaOf(from.id), areaOf(to.id)] : [placeOf(from), placeOf(to)];
    if (!a || !b || a.id === b.id) add(line, traffic);
    else {
      const layer = layerOf(edge.relationType);
      parallel.push({ line, layer, ends, from: a, to: b, traffic, isDimmed: isDimmed || meant !== undefined });
    }
  }
  const { bundles, single } = bundled(parallel);
  for (const { line, traffic, ...one } of single)
    add(isAmong(meant, one) ? { ...line, role: 'accent', opacity: 1, width: Math.max(line.width, 2.5) } : line, traffic);
  for (const bundle of bundles) add(bundleLine(bundle, isAmong(meant, bundle)), bundle.traffic, `${bundle.count} links`);
  const { x, y, width, height } = boundsOf([...reached].flatMap((id) => input.places.get(id) ?? []));
  const bounds = { x: x - MOST_BEND, y: y - MOST_BEND, width: width + 2 * MOST_BEND, height: height + 2 * MOST_BEND };
  const madeFrom = [...looks, ...placesOf(reached, input)];
  const busiest = rated.sort((a, b) => b.rate - a.rate).slice(0, MOST_LABELLED);
  const labels = withRoom(busiest, takenIn(open, input.places.get(groupId)), 'card');
  return { id: groupId, madeFrom, reached, bounds, lines, moving, labels };
}

/** Where groups are and what is in them, as values to compare. */
const placesOf = (groups: ReadonlySet<string>, { places, open }: SceneInput): unknown[] =>
  [...groups].flatMap((id) => {
    const place = places.get(id);
    return [open.get(id)?.boxes, place?.x, place?.y, place?.width, place?.height];
  });

type Between = Pick<Bundle, 'layer' | 'ends' | 'from' | 'to'>;

const idOf = ({ ends, from, to }: Between, layer: Layer | undefined): string => linksId({ layer, ends, a: from.id, b: to.id });

/** Whether the links between these two places are what is selected, alone or with those of the other layers. */
const isAmong = (selected: string | undefined, between: Between): boolean =>
  selected !== undefined && (selected === idOf(between, between.layer) || selected === idOf(between, undefined));

/** A bundle leads from border to border, and grows with the number of its links and what they carry. */
function bundleLine(bundle: Bundle, isChosen: boolean): Line {
  const { from, to, style, count, isDimmed, traffic } = bundle;
  const rate = rateOf(traffic);
  return {
    ...bent(borderOf(from.box, centre(to.box)), borderOf(to.box, centre(from.box))),
    id: idOf(bundle, bundle.layer),
    from: from.id,
    to: to.id,
    width: Math.min(8, 2 + Math.log10(count) + growthOf(rate)),
    role: isChosen ? 'accent' : 'linkStrong',
    opacity: isChosen ? 1 : isDimmed ? FAINT : NORMAL,
    style,
    flow: rate >= THIN_BPS ? flowOf(traffic.forth, traffic.back) : 0,
    bundled: count,
    traffic,
  };
}

const rateOf = (traffic: Traffic | undefined): number => (traffic === undefined ? 0 : traffic.forth + traffic.back);

const rateLabel = (line: Line, x: number, y: number, text: string, halo: Role): Label => ({
  text,
  x,
  y,
  size: 12,
  align: 'center',
  role: 'text',
  maxWidth: RATE_WIDTH,
  opacity: line.opacity,
  isStrong: false,
  isTitle: false,
  halo,
});

/** Where along a link its words may stand, the best place first. */
const WORD_PLACES = [0.5, 0.38, 0.62, 0.26, 0.74] as const;

/** A link with something to say; what carries most has the first choice of places. */
interface Rated {
  readonly line: Line;
  readonly rate: number;
  readonly text: string;
}

/** Words that stand over no thing and over no other words, each somewhere along its link; the first ones have it. */
function withRoom(wanted: readonly Rated[], taken: readonly Rectangle[], halo: Role): Label[] {
  const boxes = [...taken];
  return wanted.flatMap(({ line, text }) => {
    for (const along of WORD_PLACES) {
      const { x, y } = pointOn(line, along);
      const box = { x: x - RATE_WIDTH / 2, y: y - RATE_HEIGHT / 2, width: RATE_WIDTH, height: RATE_HEIGHT };
      if (boxes.some((other) => overlaps(box, other))) continue;
      boxes.push(box);
      return [rateLabel(line, x, y, text, halo)];
    }
    return [];
  });
}

const isGroup = (input: Pick<SceneInput, 'places'>, id: string): boolean => input.places.has(id);

interface Point {
  readonly x: number;
  readonly y: number;
}

const centre = ({ x, y, width, height }: Rectangle): Point => ({ x: x + width / 2, y: y + height / 2 });

/** A link ends at the glyph of a leaf, at the middle of an area, or at the group in which its end is closed away. */
function endOf(
  id: string,
  groupId: string,
  here: OpenGroup,
  input: SceneInput,
  reached: Set<string>,
): { readonly id: string; readonly group: string; readonly isGroup: boolean; readonly point: Point } | undefined {
  let box = here.boxes.get(id);
  let group = groupId;
  if (box === undefined) {
    const node = here.nodes.get(id);
    if (node === undefined) return undefined;
    group = input.groupOf(node);
    reached.add(group);
    const other = input.open.get(group);
    box = other?.boxes.get(id);
    if (other !== undefined && box === undefined) return undefined; // Left out there, by a layer or by what is hidden.
  }
  const corner = input.places.get(group);
  if (corner === undefined) return undefined;
  if (box === undefined) return { id: group, group, isGroup: true, point: centre(corner) };
  const place = { x: corner.x + box.x, y: corner.y + box.y, width: box.width, height: box.height };
  return { id, group, isGroup: false, point: isLeaf(place) ? glyphOf(place) : centre(place) };
}

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

/** The three corners of an arrow in the middle of a link, to where most of its traffic goes; `undefined` where none is known. */
export function arrowOf(line: Line): readonly [Point, Point, Point] | undefined {
  if (line.flow === 0) return undefined;
  const [from, to] = line.flow > 0 ? [pointOn(line, 0.45), pointOn(line, 0.55)] : [pointOn(line, 0.55), pointOn(line, 0.45)];
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const size = 3 + line.width;
  const tip = pointOn(line, 0.5);
  const back = { x: tip.x - dx * size, y: tip.y - dy * size };
  const half = size * 0.7;
  return [
    { x: tip.x + dx * size, y: tip.y + dy * size },
    { x: back.x - dy * half, y: back.y + dx * half },
    { x: back.x + dy * half, y: back.y - dx * half },
  ];
}

/** The point of the curve at `t`, 0 to 1. */
export function pointOn({ x0, y0, cx, cy, x1, y1 }: Pick<Line, 'x0' | 'y0' | 'cx' | 'cy' | 'x1' | 'y1'>, t: number): Point {
  const s = 1 - t;
  return { x: s * s * x0 + 2 * s * t * cx + t * t * x1, y: s * s * y0 + 2 * s * t * cy + t * t * y1 };
}
