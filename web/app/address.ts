import { LAYERS } from '../map/scene/layers.js';
import { MEASURES, type MeasureName } from '../map/scene/measures.js';

/** The whole state of the page as it stands in the address: what is pasted elsewhere shows the same. */
export interface Address {
  readonly room: Room;
  /** What makes a group in the picture. */
  readonly groupBy: GroupBy;
  /** With `METADATA`: the dotted path that groups. */
  readonly groupPath: string;
  /** The instant that is looked at, RFC 3339; `undefined` is live. */
  readonly at: string | undefined;
  /** The earlier instant that it is compared with. */
  readonly since: string | undefined;
  /** Ids of the groups that are open. */
  readonly open: readonly string[];
  readonly selected: Selected | undefined;
  /** Ids of further nodes that are selected. */
  readonly also: readonly string[];
  /** A node and how far around it is shown, instead of groups. */
  readonly focus: { readonly id: string; readonly hops: number } | undefined;
  /** Nodes around which was looked before, to step back to. */
  readonly trail: readonly string[];
  readonly find: string;
  /** Whether what does not match is dimmed or left out. */
  readonly findMode: 'dim' | 'hide';
  /** Names of the layers that are shown; `undefined` is all. */
  readonly layers: readonly string[] | undefined;
  /** What colours say, and with `number` the dotted path of the number in the metadata. */
  readonly colour: MeasureName;
  readonly colourPath: string;
  /** The picture, or the same as a table; `undefined` is what fits the window. */
  readonly form: Form | undefined;
  /** How far back the time bar reaches. */
  readonly range: string;
  /** Which flows are listed. */
  readonly flows: FlowsWanted;
  /** Id of the flow that is looked at. */
  readonly flow: string | undefined;
  /** Which changes are listed, of those that the filter leaves. */
  readonly changes: ChangesShown;
  /** The Gremlin string that is asked. */
  readonly ask: string | undefined;
}

/** What was typed into the fields above the flows, and whether the selection narrows them. */
export interface FlowsWanted {
  readonly address: string;
  readonly port: string;
  readonly protocol: string;
  readonly application: string;
  /** Only flows at what is selected. */
  readonly ofSelected: boolean;
  /** Id of the capture that they come from; empty for any. */
  readonly capture: string;
}

/** Ways of change, kinds of nodes and relations of links, one host; empty for all. */
export interface ChangesShown {
  readonly ops: readonly Op[];
  readonly kinds: readonly string[];
  readonly host: string;
}

export const OPS = ['ADDED', 'REMOVED', 'UPDATED'] as const;
export type Op = (typeof OPS)[number];

export const FORMS = ['picture', 'table'] as const;
export type Form = (typeof FORMS)[number];

export type Room = (typeof ROOMS)[number];
export const ROOMS = ['map', 'flows', 'captures', 'changes', 'rules', 'ask', 'status'] as const;
export const GROUPINGS = ['HOST', 'ORIGIN', 'TYPE', 'METADATA'] as const;
export type GroupBy = (typeof GROUPINGS)[number];
export const RANGES = ['15m', '1h', '6h', '24h', '7d', '14d'] as const;

export interface Selected {
  /** Links are many that the picture draws as one. */
  readonly kind: 'node' | 'edge' | 'group' | 'links';
  readonly id: string;
}

export const START: Address = {
  room: 'map',
  groupBy: 'HOST',
  groupPath: '',
  at: undefined,
  since: undefined,
  open: [],
  selected: undefined,
  also: [],
  focus: undefined,
  trail: [],
  find: '',
  findMode: 'dim',
  layers: undefined,
  colour: 'state',
  colourPath: '',
  form: undefined,
  range: '1h',
  flows: { address: '', port: '', protocol: '', application: '', ofSelected: true, capture: '' },
  flow: undefined,
  changes: { ops: [], kinds: [], host: '' },
  ask: undefined,
};

/** Counts the meanings of the parameters; an address of another version is read as far as it makes sense. */
const VERSION = '1';
const MOST_HOPS = 5;
const MOST_OPEN = 200;
const MOST_KINDS = 50;
/** Ways of change as they stand in the address. */
const OP_WORDS = { ADDED: 'added', REMOVED: 'removed', UPDATED: 'changed' } as const;
export const MOST_ALSO = 100;
export const MOST_TRAIL = 10;

/** Every name that means something; `view` leads to a named view, `next` is for who signs in. */
const KNOWN: ReadonlySet<string> = new Set(
  (
    'v room group by at since open selected also focus hops from find mode layers colour number form range ip port protocol application of ' +
    'capture flow what kind on ask view next filter highlight'
  ).split(' '),
);

/** Reads an address; `problems` names what makes no sense and was left out. */
export function readAddress(search: string): { readonly address: Address; readonly problems: readonly string[] } {
  const given = new URLSearchParams(search);
  const problems: string[] = [];
  const one = <Value extends string, Otherwise = Value>(
    name: string,
    values: readonly Value[],
    otherwise: Otherwise,
  ): Value | Otherwise => {
    const text = given.get(name);
    if (text === null) return otherwise;
    if ((values as readonly string[]).includes(text)) return text as Value;
    problems.push(`${name}=${text}`);
    return otherwise;
  };
  const instant = (name: string): string | undefined => {
    const text = given.get(name);
    if (text === null || text === 'live') return undefined;
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
    problems.push(`${name}=${text}`);
    return undefined;
  };
  const selected = (): Selected | undefined => {
    const text = given.get('selected');
    if (text === null) return undefined;
    const match = /^(node|edge|group|links):(.+)$/s.exec(text);
    if (match) return { kind: match[1] as Selected['kind'], id: match[2]! };
    problems.push(`selected=${text}`);
    return undefined;
  };
  const focus = (): Address['focus'] => {
    const id = given.get('focus');
    if (!id) return undefined;
    const hops = Number(given.get('hops') ?? 1);
    if (Number.isInteger(hops) && hops >= 1 && hops <= MOST_HOPS) return { id, hops };
    problems.push(`hops=${given.get('hops')}`);
    return { id, hops: 1 };
  };
  const ops = (): readonly Op[] => {
    const words = given.get('what')?.split(',') ?? [];
    const wrong = words.find((word) => !OPS.some((op) => OP_WORDS[op] === word));
    if (wrong !== undefined) problems.push(`what=${wrong}`);
    return OPS.filter((op) => words.includes(OP_WORDS[op]));
  };
  const layers = (): readonly string[] | undefined => {
    const names = given.get('layers')?.split(',').filter(Boolean);
    const isKnown = (name: string): boolean => LAYERS.some((layer) => layer.name === name);
    const wrong = names?.filter((name) => !isKnown(name)) ?? [];
    if (wrong.length > 0) problems.push(`layers=${wrong.join(',')}`);
    const known = names?.filter(isKnown);
    // Of layers of which none is known nothing is left to be shown: then everything is.
    return wrong.length > 0 && known?.length === 0 ? undefined : known;
  };
  // Skydive's page had a filter and a highlight: what is kept, and what is lit.
  const [kept, lit] = [given.get('filter'), given.get('highlight')];
  const version = given.get('v');
  if (version !== null && version !== VERSION) problems.push(`v=${version}`);
  const address: Address = {
    room: one('room', ROOMS, START.room),
    groupBy: one('group', GROUPINGS, START.groupBy),
    groupPath: given.get('by') ?? '',
    at: instant('at'),
    since: instant('since'),
    open: given.getAll('open').slice(0, MOST_OPEN),
    selected: selected(),
    also: given.getAll('also').slice(0, MOST_ALSO),
    focus: focus(),
    trail: given.getAll('from').slice(-MOST_TRAIL),
    find: given.get('find') ?? kept ?? lit ?? '',
    findMode: one('mode', ['dim', 'hide'], kept === null ? START.findMode : 'hide'),
    layers: layers(),
    colour: one('colour', MEASURES, START.colour),
    colourPath: given.get('number') ?? '',
    form: one('form', FORMS, START.form),
    range: one('range', RANGES, START.range as (typeof RANGES)[number]),
    flows: {
      address: given.get('ip') ?? '',
      port: given.get('port') ?? '',
      protocol: given.get('protocol') ?? '',
      application: given.get('application') ?? '',
      ofSelected: one('of', ['selected', 'all'], 'selected') === 'selected',
      capture: given.get('capture') ?? '',
    },
    flow: given.get('flow') || undefined,
    changes: { ops: ops(), kinds: given.getAll('kind').filter(Boolean).slice(0, MOST_KINDS), host: given.get('on') ?? '' },
    ask: given.get('ask') ?? undefined,
  };
  for (const [name, value] of given) if (!KNOWN.has(name)) problems.push(`${name}=${value}`);
  return { address, problems };
}

/** The address as the part behind `?`; what is as at the start is left out. */
export function writeAddress(address: Address): string {
  const parts = new URLSearchParams();
  const put = (name: string, value: string | undefined, otherwise: string | undefined): void => {
    if (value !== undefined && value !== otherwise) parts.set(name, value);
  };
  put('room', address.room, START.room);
  put('group', address.groupBy, START.groupBy);
  put('by', address.groupPath, '');
  put('at', address.at, undefined);
  put('since', address.since, undefined);
  for (const id of address.open) parts.append('open', id);
  put('selected', address.selected && `${address.selected.kind}:${address.selected.id}`, undefined);
  for (const id of address.also) parts.append('also', id);
  for (const id of address.trail) parts.append('from', id);
  put('focus', address.focus?.id, undefined);
  put('hops', address.focus && String(address.focus.hops), '1');
  put('find', address.find, '');
  put('mode', address.findMode, START.findMode);
  put('layers', address.layers?.join(','), undefined);
  put('colour', address.colour, START.colour);
  put('number', address.colourPath, '');
  put('form', address.form, START.form);
  put('range', address.range, START.range);
  put('ip', address.flows.address, '');
  put('port', address.flows.port, '');
  put('protocol', address.flows.protocol, '');
  put('application', address.flows.application, '');
  put('of', address.flows.ofSelected ? 'selected' : 'all', 'selected');
  put('capture', address.flows.capture, '');
  put('flow', address.flow, undefined);
  put('what', address.changes.ops.map((op) => OP_WORDS[op]).join(','), '');
  for (const kind of address.changes.kinds) parts.append('kind', kind);
  put('on', address.changes.host, '');
  put('ask', address.ask, undefined);
  if (parts.size > 0) parts.set('v', VERSION);
  return parts.toString();
}
