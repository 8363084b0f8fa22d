import type { PictureEdge, PictureNode } from '../../data/elements.js';
import { bits, number, perSecond } from '../../ui/format.js';
import type { TipWords } from '../../ui/Tip.js';
import type { Picked } from '../interact/pick.js';
import { type Family, FAMILY_NAMES, familyOf, familyOfGroup, type Kinded } from '../../data/kinds.js';
import type { Group, Line, OpenGroup, Scene, SceneInput } from './scene.js';
import { trafficOf } from '../../data/traffic.js';
import { countsText } from './words.js';

const OWNERSHIP = 'ownership';
const MOST_ADDRESSES = 2;
const LINK_NAMES: Readonly<Record<string, string>> = {
  layer2: 'link of layer 2',
  layer3: 'link of layer 3',
  vlayer2: 'overlay link',
};

/** What a picture shows of a thing, in words: name, kind, state, owner, what moves; `undefined` for what is not in it. */
export function wordsOf(scene: Scene, what: Picked): TipWords | undefined {
  const { input } = scene;
  if (what.kind === 'links') {
    const line = [scene.sums, scene.far.sums, ...scene.lines.map((part) => part.lines)].flatMap(
      (list) => list.find(({ id }) => id === what.id) ?? [],
    )[0];
    return line && ofLine(line, input);
  }
  if (what.kind === 'group') {
    const group = input.groups.find(({ id }) => id === what.id);
    return group && ofGroup(group, input);
  }
  for (const open of input.open.values()) {
    const node = what.kind === 'node' && open.boxes.has(what.id) ? open.nodes.get(what.id) : undefined;
    if (node) return ofNode(node, open, input);
    const edge = what.kind === 'edge' ? open.edges.get(what.id) : undefined;
    if (edge) return ofEdge(edge, open, input);
  }
  return undefined;
}

function ofNode(node: PictureNode, { nodes, edges, readings }: OpenGroup, { scale, marks }: SceneInput): TipWords {
  const reading = readings.get(node.id);
  const addresses = 'addresses' in node ? node.addresses : [];
  const value = reading && scale?.valueOf(node, reading);
  return {
    title: node.name,
    kind: kindOf(node),
    facts: [
      ['State', stateWord(node.state)],
      ['Since then', marks.get(node.id)],
      ['Owner', [ownerOf(node.id, nodes, edges), node.host].filter((name, index, all) => name && all.indexOf(name) === index).join(' on ')],
      ['Address', shortened(addresses)],
      ['Received', reading?.rx === undefined ? undefined : bits(reading.rx)],
      ['Sent', reading?.tx === undefined ? undefined : bits(reading.tx)],
      ['Dropped', reading && reading.drops > 0 ? perSecond(reading.drops) : undefined],
      [scale?.title ?? '', value === undefined ? undefined : scale?.format(value)],
    ],
  };
}

function ofEdge(edge: PictureEdge, { nodes, readings }: OpenGroup, { marks }: SceneInput): TipWords {
  const [from, to] = [nodes.get(edge.sourceId), nodes.get(edge.targetId)];
  const traffic = trafficOf(edge, nodes, readings);
  return {
    title: `${from?.name ?? '?'} – ${to?.name ?? '?'}`,
    kind: LINK_NAMES[edge.relationType] ?? edge.relationType,
    facts: [
      ['Since then', marks.get(edge.id)],
      ['State', from && to && from.state === to.state ? stateWord(from.state) : joinedStates(from, to)],
      ['Hosts', [...new Set([from?.host, to?.host])].filter(Boolean).join(', ')],
      [`To ${to?.name ?? '?'}`, traffic && bits(traffic.forth)],
      [`To ${from?.name ?? '?'}`, traffic && bits(traffic.back)],
    ],
  };
}

/** Links between two groups, or a bundle. */
function ofLine({ from, to, bundled = 1, style, traffic }: Line, input: SceneInput): TipWords {
  const [a, b] = [nameOf(from, input), nameOf(to, input)];
  const sum = input.links.find((link) => link.a === from && link.b === to);
  const kinds = sum?.relationTypes ?? [style === 'dashed' ? 'layer3' : style === 'double' ? 'vlayer2' : 'layer2'];
  return {
    title: `${a} – ${b}`,
    kind: bundled === 1 ? 'one link' : `${number(bundled)} links`,
    facts: [
      ['Kinds', kinds.join(', ')],
      [`To ${b}`, traffic && traffic.forth > 0 ? bits(traffic.forth) : undefined],
      [`To ${a}`, traffic && traffic.back > 0 ? bits(traffic.back) : undefined],
    ],
  };
}

function ofGroup(group: Group, { links, scale, open, marksIn, foundIn }: SceneInput): TipWords {
  let traffic = 0;
  for (const { a, b, abBitsPerSecond, baBitsPerSecond } of links)
    if (a === group.id || b === group.id) traffic += (abBitsPerSecond ?? 0) + (baBitsPerSecond ?? 0);
  const marks = marksIn.get(group.id);
  const family = familyOfGroup(group.id);
  return {
    title: group.title,
    kind: `${family === undefined ? 'group' : MANY_KINDS.has(family) ? family : FAMILY_NAMES[family]}${open.has(group.id) ? ', open' : ''}`,
    facts: [
      ['State', group.states.map(({ state, count }) => `${count} ${stateWord(state)}`).join(', ')],
      ['Holds', countsText(group.counts)],
      ['Found', foundIn && String(foundIn.get(group.id) ?? 0)],
      ['Since then', marks && `${marks.added} added, ${marks.removed} removed, ${marks.changed} changed`],
      ['To others', traffic > 0 ? bits(traffic) : undefined],
      [scale ? `Most: ${scale.title}` : '', scale && group.most !== null ? scale.format(group.most) : undefined],
    ],
  };
}

/** Families of which the word of the source says more. */
const MANY_KINDS: ReadonlySet<Family> = new Set(['host', 'other', 'workload']);

function kindOf(node: PictureNode): string {
  const family = familyOf(node as Kinded);
  return MANY_KINDS.has(family) ? node.type : FAMILY_NAMES[family];
}

const stateWord = (state: string): string => state.toLowerCase();

const joinedStates = (from: PictureNode | undefined, to: PictureNode | undefined): string =>
  [from, to].flatMap((end) => (end ? [`${end.name} ${stateWord(end.state)}`] : [])).join(', ');

const shortened = (addresses: readonly string[]): string =>
  addresses.length > MOST_ADDRESSES
    ? `${addresses.slice(0, MOST_ADDRESSES).join(', ')} and ${addresses.length - MOST_ADDRESSES} more`
    : addresses.join(', ');

function ownerOf(id: string, nodes: ReadonlyMap<string, PictureNode>, edges: ReadonlyMap<string, PictureEdge>): string | undefined {
  for (const { relationType, sourceId, targetId } of edges.values())
    if (relationType === OWNERSHIP && targetId === id) return nodes.get(sourceId)?.name;
  return undefined;
}

function nameOf(id: string, { groups, open }: SceneInput): string {
  const group = groups.find((candidate) => candidate.id === id);
  if (group) return group.title;
  for (const { nodes } of open.values()) {
    const node = nodes.get(id);
    if (node) return node.name;
  }
  return id;
}
