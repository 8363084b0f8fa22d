import { familyOf, type Family, type Kinded } from '../../data/kinds.js';

/** A layer that is shown or not; the names stand in addresses of the page. */
export interface Layer {
  readonly name: string;
  readonly title: string;
  /** Families of nodes that belong to it. */
  readonly families: readonly Family[];
  /** Relation types of the links that belong to it. */
  readonly relations: readonly string[];
}

export const LAYERS: readonly Layer[] = [
  { name: 'physical', title: 'Physical', families: ['port', 'bond'], relations: [] },
  { name: 'bridging', title: 'Bridges and VLANs', families: ['bridge', 'vlan'], relations: [] },
  { name: 'virtual', title: 'Virtual pairs and taps', families: ['veth', 'tap'], relations: [] },
  { name: 'tunnels', title: 'Tunnels', families: ['tunnel'], relations: ['vlayer2', 'tunnel', 'overlay'] },
  { name: 'workloads', title: 'Containers and processes', families: ['workload'], relations: [] },
  { name: 'local', title: 'Loopback', families: ['loopback'], relations: [] },
  { name: 'other', title: 'Other things', families: ['other'], relations: [] },
  { name: 'l2', title: 'Links of layer 2', families: [], relations: ['layer2'] },
  { name: 'l3', title: 'Links of layer 3', families: [], relations: ['layer3', 'l3'] },
  { name: 'relations', title: 'Other links', families: [], relations: ['*'] },
];

/** Layers that answer a question together. */
export const PRESETS: readonly { readonly title: string; readonly layers: readonly string[] | undefined }[] = [
  { title: 'Everything', layers: undefined },
  { title: 'Physical', layers: ['physical', 'l2'] },
  { title: 'Layer 2', layers: ['physical', 'bridging', 'virtual', 'l2'] },
  { title: 'Layer 3', layers: ['physical', 'bridging', 'virtual', 'tunnels', 'l3'] },
  { title: 'Overlay', layers: ['physical', 'tunnels', 'l2'] },
  { title: 'Ownership', layers: ['physical', 'bridging', 'virtual', 'tunnels', 'workloads', 'local', 'other'] },
  { title: 'Containers', layers: ['virtual', 'bridging', 'workloads', 'l2', 'relations'] },
];

/** What is shown. */
export interface Shown {
  node(node: Kinded): boolean;
  link(relationType: string): boolean;
}

/** Namespaces and hosts are places, not things of a layer: they are always shown. */
const PLACES: ReadonlySet<Family> = new Set(['namespace', 'host']);
const NAMED = new Set(LAYERS.flatMap(({ relations }) => relations));

/** `undefined` shows everything; names that are not known are passed over. */
export function shownBy(layers: readonly string[] | undefined): Shown {
  if (layers === undefined) return { node: () => true, link: () => true };
  const on = LAYERS.filter(({ name }) => layers.includes(name));
  const families = new Set(on.flatMap((layer) => layer.families));
  const relations = new Set(on.flatMap((layer) => layer.relations));
  return {
    node: (node) => {
      const family = familyOf(node);
      return PLACES.has(family) || families.has(family);
    },
    link: (relationType) => relations.has(NAMED.has(relationType) ? relationType : '*'),
  };
}
