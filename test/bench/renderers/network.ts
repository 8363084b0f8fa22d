import type { PictureEdge, PictureNode } from '../../../web/data/elements.js';
import { type Item, layoutGroup } from '../../../web/map/layout/groupLayout.js';
import { placeGroups, type Rectangle } from '../../../web/map/layout/placeGroups.js';
import { NO_READINGS } from '../../../web/map/scene/measures.js';
import type { OpenGroup } from '../../../web/map/scene/scene.js';

const GROUPS = 13;
const PER_GROUP = 769;
const LINKS = 15_000;

/** What both renderers draw: 10,000 nodes in 13 groups, in the places of our layout, and 15,000 links between them. */
export interface Network {
  readonly groups: readonly { readonly id: string; readonly label: string; readonly x: number; readonly y: number }[];
  readonly places: ReadonlyMap<string, Rectangle>;
  readonly open: ReadonlyMap<string, OpenGroup>;
}

const nodeOf = (group: number, index: number, state: 'UP' | 'DOWN'): PictureNode => {
  const id = `g${group}-n${index}`;
  return {
    __typename: 'NetworkInterface',
    id,
    key: `${id}@1`,
    name: `veth${index}`,
    type: 'veth',
    state,
    host: `g${group}`,
    origin: '',
  } as PictureNode;
};

const idOf = (number: number): string => `g${number % GROUPS}-n${Math.floor(number / GROUPS) % PER_GROUP}`;

export function makeNetwork(): Network {
  const groups = Array.from({ length: GROUPS }, (_, group) => ({
    id: `g${group}`,
    label: `g${group}`,
    x: group % 4,
    y: Math.floor(group / 4),
  }));
  const sizes = new Map<string, { readonly width: number; readonly height: number }>();
  const open = new Map<string, OpenGroup>();
  for (const [number, { id }] of groups.entries()) {
    const items = Array.from({ length: PER_GROUP }, (_, index): Item => ({
      id: `${id}-n${index}`,
      parent: undefined,
      rank: 0,
      name: `veth${index}`,
    }));
    const { width, height, boxes } = layoutGroup(items, new Map());
    sizes.set(id, { width, height });
    const boxOf = (index: number): Rectangle => {
      const [x, y, boxWidth, boxHeight] = boxes.subarray(index * 4, index * 4 + 4);
      return { x: x!, y: y!, width: boxWidth!, height: boxHeight! };
    };
    open.set(id, {
      nodes: new Map(items.map((item, index) => [item.id, nodeOf(number, index, 'UP')])),
      edges: new Map(),
      structure: 1,
      boxes: new Map(items.map((item, index) => [item.id, boxOf(index)])),
      readings: NO_READINGS,
    });
  }
  for (let number = 0; number < LINKS; number++) {
    const [source, target] = [idOf(number), idOf(number * 7 + 13)];
    if (source === target) continue;
    const edge = {
      __typename: 'Edge',
      id: `e${number}`,
      key: `e${number}@1`,
      relationType: 'layer2',
      sourceId: source,
      targetId: target,
    } as const;
    (open.get(source.split('-')[0]!)!.edges as Map<string, PictureEdge>).set(edge.id, edge);
  }
  // A group knows the other ends of its links, as the analyzer sends them.
  for (const { edges, nodes } of open.values())
    for (const { targetId } of edges.values()) {
      const [group, index] = targetId.split('-n');
      if (!nodes.has(targetId)) (nodes as Map<string, PictureNode>).set(targetId, nodeOf(Number(group!.slice(1)), Number(index), 'UP'));
    }
  return { groups, places: placeGroups(groups, (id) => sizes.get(id)), open };
}

/** The nodes whose state is another in a turn: as many as change in 200 ms at a thousand a second. */
export const changedIn = (turn: number, count: number): { readonly id: string; readonly group: string; readonly node: PictureNode }[] =>
  Array.from({ length: count }, (_, index) => {
    const number = turn * count + index;
    const [group, at] = [number % GROUPS, Math.floor(number / GROUPS) % PER_GROUP];
    return { id: idOf(number), group: `g${group}`, node: nodeOf(group, at, turn % 2 ? 'UP' : 'DOWN') };
  });
