/** Names, types and slots of MODEL.md: what the migrations index, the projector writes, and printed Cypher asks for. */

/** Version of what is written. A database with a lower one is written anew from the journal; one with a greater one is left alone. */
export const MODEL_VERSION = 1;

/** Labels. `current` is on the states that nothing has replaced yet, beside `state`. */
export const LABEL = {
  /** What a node is through all its states; relationships join these. */
  element: 'El',
  /** One state of a node. */
  state: 'State',
  current: 'Current',
  /** One state of one row of a table. */
  row: 'Row',
  /** A change that the database refused. */
  setAside: 'SetAside',
  /** How far the journal was followed; there is one. */
  projection: 'Projection',
  migration: 'Migration',
} as const;

/** The one relationship type, from parent to child: one relationship for each state of an edge. */
export const EDGE = 'EDGE';

/** Text that stands where a declared key has a value that is not of its type, or is too long: it has to be looked at in memory. In a list it is the only entry. */
export const MARKER = '\u0000elsewhere';

/** `to` of what is still so. */
export const FOREVER = Number.MAX_SAFE_INTEGER;

/** `slot` of what is still so. */
export const OPEN = 'open';

/** Longest value that becomes a property, UTF-8 bytes; longer ones are marked. An index refuses entries of more than 8 KB. */
export const LONGEST_VALUE = 1_024;

/** `texts` is a list of texts; a single text is written as a list of one. */
export type DeclaredType = 'text' | 'integer' | 'texts';

/** A metadata key that becomes a property. */
export interface DeclaredKey {
  /** Dotted path in the metadata. */
  readonly path: string;
  readonly property: string;
  readonly type: DeclaredType;
  /** Whether states have an index on (property, slot), and current ones on (property). */
  readonly isIndexed: boolean;
}

const key = (type: DeclaredType, path: string, isIndexed = false): DeclaredKey => ({
  path,
  property: path.replaceAll(/[.-]/g, '_'),
  type,
  isIndexed,
});

/** All of them, for nodes and edges alike. A new one raises `MODEL_VERSION`: states that are there already lack it. */
export const DECLARED_KEYS: readonly DeclaredKey[] = [
  key('text', 'Name', true),
  key('text', 'Type', true),
  key('text', 'TID', true),
  key('text', 'MAC', true),
  key('texts', 'IPV4'),
  key('texts', 'IPV6'),
  key('text', 'State'),
  key('text', 'Driver'),
  key('text', 'EncapType'),
  key('text', 'Manager'),
  key('text', 'RelationType'),
  key('integer', 'IfIndex'),
  key('integer', 'MTU'),
  key('integer', 'Speed'),
  key('integer', 'Vlan'),
  key('integer', 'VNI'),
  key('integer', 'MasterIndex'),
  key('integer', 'ParentIndex'),
  key('text', 'PeerIntfMAC'),
  key('text', 'Container.ID'),
  key('text', 'Container.Name'),
  key('text', 'Container.Image'),
  key('text', 'K8s.Name'),
  key('text', 'K8s.Namespace'),
  key('text', 'Neutron.NetworkID'),
  key('text', 'Neutron.PortID'),
  key('text', 'ExtID.iface-id'),
  key('text', 'ExtID.vm-uuid'),
];

const BY_PATH = new Map(DECLARED_KEYS.map((each) => [each.path, each]));

/** The declared key of a metadata path; `undefined` for one that is only in the JSON. */
export const declaredKey = (path: string): DeclaredKey | undefined => BY_PATH.get(path);

/** Fields of an element that are properties, by their name in the dialect. All of them are always there. */
export const FIELD_PROPERTIES = {
  '@ID': { property: 'id', type: 'text' },
  '@Host': { property: 'host', type: 'text' },
  '@Origin': { property: 'origin', type: 'text' },
  '@CreatedAt': { property: 'createdAt', type: 'integer' },
  '@UpdatedAt': { property: 'updatedAt', type: 'integer' },
  '@Revision': { property: 'revision', type: 'integer' },
} as const;

/** Blocks of the lowest level are 2^10 ms: about a second. */
const LOWEST_LEVEL = 10;

/** One block of the highest level holds all time up to the year 2248. */
const HIGHEST_LEVEL = 43;

const blockOf = (instant: number, level: number): number => Math.floor(Math.max(0, instant) / 2 ** level);

/**
 * The slot of what held from `from` until just before `to` (milliseconds): the smallest block of time that holds it whole. `to` may be `from`: it held at no
 * instant, but was there.
 */
export function slotOf(from: number, to: number): string {
  const last = Math.max(from, to - 1);
  for (let level = LOWEST_LEVEL; level < HIGHEST_LEVEL; level++) {
    if (blockOf(from, level) === blockOf(last, level)) return `${level}:${blockOf(from, level)}`;
  }
  return `${HIGHEST_LEVEL}:0`;
}

/** The slots that may hold what was so at the instant: one for each level, and the open one. */
export function slotsAt(instant: number): string[] {
  const slots = [OPEN];
  for (let level = LOWEST_LEVEL; level < HIGHEST_LEVEL; level++) slots.push(`${level}:${blockOf(instant, level)}`);
  slots.push(`${HIGHEST_LEVEL}:0`);
  return slots;
}

/** The slots that may hold what was so at some instant from `from` to `to`, both included; `undefined` when there are more than `most`: then scan by `from` and `to`. */
export function slotsBetween(from: number, to: number, most = 2_000): string[] | undefined {
  const slots = [OPEN, `${HIGHEST_LEVEL}:0`];
  for (let level = HIGHEST_LEVEL - 1; level >= LOWEST_LEVEL; level--) {
    const last = blockOf(to, level);
    if (slots.length + last - blockOf(from, level) + 1 > most) return undefined;
    for (let block = blockOf(from, level); block <= last; block++) slots.push(`${level}:${block}`);
  }
  return slots;
}

/** What relationships are found by: the id of the node at one end, and the slot. */
export const slotKey = (id: string, slot: string): string => `${id}|${slot}`;
