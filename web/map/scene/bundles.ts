import { AREA_HEADER, CELL_WIDTH } from '../layout/measures.js';
import { overlaps, type Rectangle } from '../layout/placeGroups.js';
import type { Layer, LinksBetween } from '../../data/linksBetween.js';
import type { Line, OpenGroup, SceneInput } from './scene.js';
import type { Traffic } from '../../data/traffic.js';

/** Links of one kind between the same two areas, or groups, beyond which they are drawn as one: each alone could not be followed. */
const MANY_PARALLEL = 8;

/** A link that nothing sets apart, with the areas or groups that it leads from and to. */
export interface Parallel {
  readonly line: Line;
  readonly layer: Layer;
  readonly ends: LinksBetween['ends'];
  readonly from: Place;
  readonly to: Place;
  readonly traffic: Traffic | undefined;
  /** Whether it is not meant, by what is selected or looked for. */
  readonly isDimmed: boolean;
}

export interface Place {
  readonly id: string;
  readonly box: Rectangle;
}

/** Many links in one: where it leads, how many they are and what they carry together. */
export interface Bundle {
  readonly from: Place;
  readonly to: Place;
  readonly layer: Layer;
  readonly ends: LinksBetween['ends'];
  readonly style: Line['style'];
  readonly count: number;
  /** Whether none of them is meant. */
  readonly isDimmed: boolean;
  readonly traffic: Traffic;
}

/** Links that are many between the same two places are one bundle; the others stay as they are. */
export function bundled(links: readonly Parallel[]): { readonly bundles: readonly Bundle[]; readonly single: readonly Parallel[] } {
  const byEnds = new Map<string, Parallel[]>();
  for (const link of links) {
    const key = JSON.stringify([link.layer, ...[link.from.id, link.to.id].sort()]);
    const list = byEnds.get(key);
    if (list) list.push(link);
    else byEnds.set(key, [link]);
  }
  const bundles: Bundle[] = [];
  const single: Parallel[] = [];
  for (const list of byEnds.values()) {
    const { from, to, line, layer, ends } = list[0]!;
    if (list.length <= MANY_PARALLEL || overlaps(from.box, to.box)) {
      single.push(...list);
      continue;
    }
    const traffic = { forth: 0, back: 0 };
    for (const link of list) {
      const isSameWay = link.from.id === from.id;
      traffic.forth += (isSameWay ? link.traffic?.forth : link.traffic?.back) ?? 0;
      traffic.back += (isSameWay ? link.traffic?.back : link.traffic?.forth) ?? 0;
    }
    bundles.push({
      from,
      to,
      layer,
      ends,
      style: line.style,
      count: list.length,
      isDimmed: list.every(({ isDimmed }) => isDimmed),
      traffic,
    });
  }
  return { bundles, single };
}

/** The areas in which the things of an open group stand; `undefined` for what stands in the group itself. */
export function areasOf(groupId: string, { boxes, edges }: OpenGroup, { places }: SceneInput): (id: string) => Place | undefined {
  const owners = new Map<string, string>();
  for (const { relationType, sourceId, targetId } of edges.values()) if (relationType === 'ownership') owners.set(targetId, sourceId);
  const corner = places.get(groupId);
  return (id) => {
    const owner = owners.get(id);
    const box = owner === undefined ? undefined : boxes.get(owner);
    if (corner === undefined || owner === undefined || box === undefined) return undefined;
    return { id: owner, box: { ...box, x: corner.x + box.x, y: corner.y + box.y } };
  };
}

/** A thing in a row, not an area around others. */
export const isLeaf = ({ width }: Rectangle): boolean => width === CELL_WIDTH;

/** Places of the things of a group and of the titles of its areas, over which no words of a link may stand. */
export function takenIn({ boxes }: OpenGroup, corner: Rectangle | undefined): Rectangle[] {
  if (corner === undefined) return [];
  return [...boxes.values()].map((box) => ({
    x: corner.x + box.x,
    y: corner.y + box.y,
    width: box.width,
    height: isLeaf(box) ? box.height : AREA_HEADER,
  }));
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where the straight way from the middle of a box to a point leaves the box. */
export function borderOf({ x, y, width, height }: Rectangle, towards: Point): Point {
  const [cx, cy] = [x + width / 2, y + height / 2];
  const [dx, dy] = [towards.x - cx, towards.y - cy];
  const share = Math.min(dx === 0 ? Infinity : width / 2 / Math.abs(dx), dy === 0 ? Infinity : height / 2 / Math.abs(dy), 1);
  return { x: cx + dx * share, y: cy + dy * share };
}
