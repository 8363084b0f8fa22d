import type { PictureNode } from '../data/elements.js';
import { familyOf, rankOf } from './scene/kinds.js';
import type { Group, OpenGroup } from './scene/scene.js';
import { countsText } from './scene/words.js';

/** A line of the tree table. */
export interface TreeRow {
  readonly kind: 'group' | 'node';
  readonly id: string;
  readonly parent: string | undefined;
  /** From 1. */
  readonly level: number;
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly stateText: string;
  readonly addresses: string;
  /** Names of what it is linked to. */
  readonly links: string;
}

const MOST_LINKS = 6;
const collator = new Intl.Collator('en', { numeric: true });

/** Groups, and below the open ones what they hold, owner by owner, in the order of the picture. */
export function treeRows(groups: readonly Group[], held: ReadonlyMap<string, OpenGroup>, open: readonly string[]): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  for (const group of groups) {
    rows.push(groupRow(group));
    const inside = open.includes(group.id) ? held.get(group.id) : undefined;
    if (inside) addNodes(inside, group.id, rows);
  }
  return rows;
}

function groupRow({ id, title, counts, states }: Group): TreeRow {
  const down = states.find(({ state }) => state === 'DOWN')?.count ?? 0;
  const state = down > 0 ? 'DOWN' : 'UP';
  const stateText = states.map((entry) => `${entry.count} ${entry.state.toLowerCase()}`).join(', ');
  return {
    kind: 'group',
    id,
    parent: undefined,
    level: 1,
    name: title,
    type: countsText(counts),
    state,
    stateText,
    addresses: '',
    links: '',
  };
}

function addNodes({ nodes, edges, boxes }: OpenGroup, group: string, rows: TreeRow[]): void {
  const owners = new Map<string, string>();
  const linked = new Map<string, string[]>();
  const link = (id: string, other: string): void => {
    const name = nodes.get(other)?.name;
    if (name === undefined) return;
    const names = linked.get(id);
    if (names) names.push(name);
    else linked.set(id, [name]);
  };
  for (const { relationType, sourceId, targetId } of edges.values()) {
    if (relationType === 'ownership') owners.set(targetId, sourceId);
    else {
      link(sourceId, targetId);
      link(targetId, sourceId);
    }
  }
  const children = new Map<string, PictureNode[]>();
  for (const id of boxes.keys()) {
    const node = nodes.get(id);
    if (!node) continue;
    const owner = owners.get(id);
    const parent = owner !== undefined && boxes.has(owner) ? owner : group;
    const list = children.get(parent);
    if (list) list.push(node);
    else children.set(parent, [node]);
  }
  const seen = new Set<string>();
  const add = (parent: string, level: number): void => {
    for (const node of (children.get(parent) ?? []).sort(byOrder)) {
      if (seen.has(node.id)) continue;
      seen.add(node.id);
      rows.push(nodeRow(node, parent, level, linked.get(node.id) ?? []));
      add(node.id, level + 1);
    }
  };
  add(group, 2);
}

const nodeRow = (node: PictureNode, parent: string, level: number, links: readonly string[]): TreeRow => ({
  kind: 'node',
  id: node.id,
  parent,
  level,
  name: node.name,
  type: node.type,
  state: node.state,
  stateText: node.state.toLowerCase(),
  addresses: 'addresses' in node ? node.addresses.join(', ') : '',
  links: links.length > MOST_LINKS ? `${links.slice(0, MOST_LINKS).join(', ')} and ${links.length - MOST_LINKS} more` : links.join(', '),
});

const rank = (node: PictureNode): number => rankOf(familyOf(node as Parameters<typeof familyOf>[0]));
const byOrder = (a: PictureNode, b: PictureNode): number => rank(a) - rank(b) || collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
