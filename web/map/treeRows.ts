import type { PictureNode } from '../data/elements.js';
import { familyOf, rankOf } from '../data/kinds.js';
import type { Group, Line, OpenGroup, View } from './scene/scene.js';
import { countsText } from './scene/words.js';

/** A line of the tree table. */
export interface TreeRow {
  readonly kind: 'group' | 'node' | 'links';
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

/**
 * Groups, and below the open ones what they hold, owner by owner, in the order of the picture. Many links that are drawn as one follow the
 * group that they stand in; those between groups are last.
 */
export function treeRows(
  groups: readonly Group[],
  held: ReadonlyMap<string, OpenGroup>,
  open: readonly string[],
  { sums, lines }: Pick<View, 'sums' | 'lines'>,
): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const titles = new Map(groups.map(({ id, title }) => [id, title]));
  const between = [...sums];
  const listed = new Set<string>();
  for (const group of groups) {
    rows.push(groupRow(group));
    const inside = open.includes(group.id) ? held.get(group.id) : undefined;
    if (!inside) continue;
    addNodes(inside, group.id, rows);
    for (const line of lines.find(({ id }) => id === group.id)?.lines ?? []) {
      if (line.bundled === undefined) continue;
      const [from, to] = [inside.nodes.get(line.from), inside.nodes.get(line.to)];
      if (from && to) rows.push(linksRow(line, from.name, to.name, group.id, 2));
      else between.push(line);
    }
  }
  for (const line of between) {
    // Two open groups have a bundle each for the links that begin there.
    if (listed.has(line.id)) continue;
    listed.add(line.id);
    rows.push(linksRow(line, titles.get(line.from) ?? line.from, titles.get(line.to) ?? line.to, undefined, 1));
  }
  return rows;
}

const KINDS = { solid: 'links', double: 'overlay links', dashed: 'layer 3 links' } as const;

const linksRow = ({ id, bundled = 1, style }: Line, from: string, to: string, parent: string | undefined, level: number): TreeRow => ({
  kind: 'links',
  id,
  parent,
  level,
  name: `${from} – ${to}`,
  type: KINDS[style],
  state: '',
  stateText: '',
  addresses: '',
  links: bundled === 1 ? '1 link' : `${bundled} links`,
});

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
