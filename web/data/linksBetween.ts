import { type Grouping, labelOf, type NodeFilter, nodesOf } from './grouping.js';

/** Links between the same two places that the picture draws as one: between groups their sum, between areas a bundle. */
export interface LinksBetween {
  /** Only those of this layer; `undefined` is any. */
  readonly layer: Layer | undefined;
  /** What the two places are: groups, or owners of what stands in their areas. */
  readonly ends: 'groups' | 'owners';
  readonly a: string;
  readonly b: string;
}

/** What a link is drawn as. */
export type Layer = 'layer2' | 'overlay' | 'layer3';

const LAYERS: Readonly<Record<string, Layer>> = {
  layer3: 'layer3',
  l3: 'layer3',
  vlayer2: 'overlay',
  tunnel: 'overlay',
  overlay: 'overlay',
};

/** The layer of a link by its relation; what is no other is of the second. */
export const layerOf = (relationType: string): Layer => LAYERS[relationType] ?? 'layer2';

/** What the address says of them: `any|groups|host%3Aweb-1|host%3Aweb-2`. The same for both directions. */
export const linksId = ({ layer, ends, a, b }: LinksBetween): string =>
  [layer ?? 'any', ends, ...[a, b].sort().map(encodeURIComponent)].join('|');

/** Reads what `linksId` wrote; `undefined` when it makes no sense. */
export function linksOf(id: string): LinksBetween | undefined {
  const [layer, ends, a, b, ...rest] = id.split('|');
  if (!a || !b || rest.length > 0 || (ends !== 'groups' && ends !== 'owners')) return undefined;
  if (layer !== 'any' && layer !== 'layer2' && layer !== 'overlay' && layer !== 'layer3') return undefined;
  try {
    return { layer: layer === 'any' ? undefined : layer, ends, a: decodeURIComponent(a), b: decodeURIComponent(b) };
  } catch {
    return undefined;
  }
}

/** What stands at one of the places: what is in the group, or the owner with all that it owns. */
export const nodesAt = ({ ends }: LinksBetween, end: string, grouping: Grouping): NodeFilter =>
  ends === 'groups' ? nodesOf(grouping, labelOf(end)) : { or: [{ id: [end] }, { within: { id: [end] } }] };
