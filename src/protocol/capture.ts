import { fields as fieldsOf, finite, identifier, integer, list, name, oneOf, optional, text } from './check.js';
import { MAX_CAPTURE_TASKS, MAX_COUNTERS, MAX_MISSING, MAX_REASON_LENGTH, MAX_TEXT_LENGTH } from './limits.js';
import { MessageType } from './messageTypes.js';
import { Violation } from './violation.js';

/** How packets or flows are had from a node (flows.md §4.1). */
export const CAPTURE_TYPES = [
  'afpacket',
  'pcap',
  'pcapsocket',
  'ebpf',
  'sflow',
  'netflow',
  'ovssflow',
  'ovsnetflow',
  'ovsmirror',
  'dpdk',
] as const;
export type CaptureType = (typeof CAPTURE_TYPES)[number];

export const LAYER_KEY_MODES = ['L2', 'L3'] as const;
export type LayerKeyMode = (typeof LAYER_KEY_MODES)[number];

export const EXTRA_LAYERS = ['VRRP', 'DNS', 'DHCPv4'] as const;
export type ExtraLayer = (typeof EXTRA_LAYERS)[number];

/** Where an agent sends what it captures, other than into its own flow table. */
export const CAPTURE_TARGETS = ['local', 'netflowv5', 'erspanv1'] as const;
export type CaptureTarget = (typeof CAPTURE_TARGETS)[number];

/** What a capture asks of an agent, the same on each of its nodes. */
export interface CaptureSpec {
  readonly id: string;
  /** `undefined`: the default of the node's type. */
  readonly type: CaptureType | undefined;
  /** libpcap's filter language; empty for everything. */
  readonly bpf: string;
  /** Bytes of each packet that are looked at. */
  readonly headerSize: number;
  /** Packets kept of each flow, 0 to 10. */
  readonly rawPacketLimit: number;
  readonly extraTcpMetric: boolean;
  readonly ipDefrag: boolean;
  readonly reassembleTcp: boolean;
  readonly layerKeyMode: LayerKeyMode;
  readonly extraLayers: readonly ExtraLayer[];
  /** One packet of so many is sampled (sFlow); 0: none. */
  readonly samplingRate: number;
  /** Milliseconds between counter samples (sFlow); 0: none. */
  readonly pollingIntervalMs: number;
  /** Where to listen for sFlow or a stream of packets; 0: a free one of those configured. */
  readonly port: number;
  /** `HOST:PORT`, of `erspanv1` a host alone; empty for none. */
  readonly target: string;
  readonly targetType: CaptureTarget;
}

/** One capture on one node. */
export interface CaptureTask {
  readonly capture: string;
  /** Id of the node in the agent's graph. */
  readonly node: string;
}

/**
 * Analyzer to agent: what is to run there. After WELCOME with `isWhole`: what is not in it ends. Later ones add and take away. Starting what runs already
 * with the same specification changes nothing.
 */
export interface CaptureTasks {
  readonly kind: 'captureTasks';
  readonly isWhole: boolean;
  /** The captures that `start` names. */
  readonly captures: readonly CaptureSpec[];
  readonly start: readonly CaptureTask[];
  readonly stop: readonly CaptureTask[];
}

/** `ERROR`: does not run, tried again as long as it is wanted. `STOPPED` is the last that is said of a task. */
export const CAPTURE_STATES = ['STARTING', 'ACTIVE', 'ERROR', 'STOPPED'] as const;
export type CaptureState = (typeof CAPTURE_STATES)[number];

/** How one capture fares on one node. Counters are totals since it was started there. */
export interface CaptureActivity extends CaptureTask {
  readonly state: CaptureState;
  /** Why it does not run, for people; `undefined` when it does. */
  readonly error: string | undefined;
  /** What it came to; `undefined` as long as that is open. */
  readonly type: CaptureType | undefined;
  readonly packetsReceived: number;
  /** Lost in the kernel because nobody fetched them in time. */
  readonly packetsDropped: number;
  /** Lost before the kernel's buffer, at the interface. */
  readonly packetsIfDropped: number;
  /** Flows in its table now. */
  readonly flows: number;
  /**
   * What we dropped ourselves, by reason: packets (`malformed`: their outer layers still count), flows (`flowTableFull`: sent early, `flowsUnsent`, `kernelTableFull`,
   * `shipping`, `target`), and what was asked for beside them and found no room (`incompleteDatagrams`, `segments`, `rawPackets`, `extraLayers`).
   */
  readonly drops: Readonly<Record<string, number>>;
  /** Address at which a stream of packets is awaited, sFlow collected; the node whose traffic is mirrored. Where they apply. */
  readonly pcapSocket: string | undefined;
  readonly sflowSocket: string | undefined;
  readonly mirrorOf: string | undefined;
  /** What else is worth knowing: `promiscuous`, `ringBytes`, `worker`. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

/** What is said of a task before anything was counted. */
export const NOTHING_COUNTED: Omit<CaptureActivity, 'capture' | 'node' | 'state' | 'error'> = {
  type: undefined,
  packetsReceived: 0,
  packetsDropped: 0,
  packetsIfDropped: 0,
  flows: 0,
  drops: {},
  pcapSocket: undefined,
  sflowSocket: undefined,
  mirrorOf: undefined,
  facts: {},
};

/** Agent to analyzer: the tasks of which something changed. At once for a state, once a second for counters. */
export interface CaptureStates {
  readonly kind: 'captureStates';
  readonly activities: readonly CaptureActivity[];
}

/** Bytes of the ring that a capture of packets begins with. */
export const FIRST_RING_BYTES = 2 * 1024 * 1024;

/** Whether one kind of capture can be had on this host at all. */
export interface CaptureAbility {
  readonly type: CaptureType;
  /** Why not, and what to do; `undefined` where it can. */
  readonly impossible: string | undefined;
}

/** Agent to analyzer, after WELCOME and whenever it changes: what may and can be done on this host. */
export interface Abilities {
  readonly kind: 'abilities';
  /** The agent's own configuration: `allow.capture`, `allow.inject`. */
  readonly allowsCapture: boolean;
  readonly allowsInjection: boolean;
  readonly captures: readonly CaptureAbility[];
  /** Bytes of packet rings that all captures of the host share, and what is taken of them. */
  readonly ringBytes: number;
  readonly ringBytesUsed: number;
  /** What the agent's configuration bounds (`capture.headerSize`, `capture.rawPackets`); agents of before do not say. */
  readonly mostHeaderSize?: number | undefined;
  readonly mostRawPackets?: number | undefined;
  /** Captures that may run at once (`capture.most`); agents of before do not say. */
  readonly mostCaptures?: number | undefined;
}

export const packCaptureTasks = ({ isWhole, captures, start, stop }: CaptureTasks): unknown[] => [
  MessageType.CAPTURE_TASKS,
  isWhole,
  captures.map((spec) => [
    spec.id,
    spec.type ?? null,
    spec.bpf,
    spec.headerSize,
    spec.rawPacketLimit,
    spec.extraTcpMetric,
    spec.ipDefrag,
    spec.reassembleTcp,
    spec.layerKeyMode,
    spec.extraLayers,
    spec.samplingRate,
    spec.pollingIntervalMs,
    spec.port,
    spec.target,
    spec.targetType,
  ]),
  start.map(({ capture, node }) => [capture, node]),
  stop.map(({ capture, node }) => [capture, node]),
];

export function readCaptureTasks([, isWhole, captures, start, stop]: readonly unknown[]): CaptureTasks {
  return {
    kind: 'captureTasks',
    isWhole: flag(isWhole, 'isWhole'),
    captures: list(captures, 'captures', MAX_CAPTURE_TASKS).map((spec, index) => readSpec(spec, `captures[${index}]`)),
    start: readTasks(start, 'start'),
    stop: readTasks(stop, 'stop'),
  };
}

const readTasks = (value: unknown, field: string): CaptureTask[] =>
  list(value, field, MAX_CAPTURE_TASKS).map((task, index) => {
    const [capture, node] = fieldsOf(task, `${field}[${index}]`, 2);
    return { capture: identifier(capture, `${field}[${index}].capture`), node: identifier(node, `${field}[${index}].node`) };
  });

function readSpec(value: unknown, field: string): CaptureSpec {
  const [id, type, bpf, headerSize, raw, tcp, defrag, reassemble, mode, layers, sampling, polling, port, target, targetType] = fieldsOf(
    value,
    field,
    15,
  );
  return {
    id: identifier(id, `${field}.id`),
    type: optional(type, (present) => oneOf(present, `${field}.type`, CAPTURE_TYPES)),
    bpf: text(bpf, `${field}.bpf`, MAX_TEXT_LENGTH),
    headerSize: integer(headerSize, `${field}.headerSize`),
    rawPacketLimit: integer(raw, `${field}.rawPacketLimit`),
    extraTcpMetric: flag(tcp, `${field}.extraTcpMetric`),
    ipDefrag: flag(defrag, `${field}.ipDefrag`),
    reassembleTcp: flag(reassemble, `${field}.reassembleTcp`),
    layerKeyMode: oneOf(mode, `${field}.layerKeyMode`, LAYER_KEY_MODES),
    extraLayers: list(layers, `${field}.extraLayers`, EXTRA_LAYERS.length).map((layer, index) =>
      oneOf(layer, `${field}.extraLayers[${index}]`, EXTRA_LAYERS),
    ),
    samplingRate: integer(sampling, `${field}.samplingRate`),
    pollingIntervalMs: integer(polling, `${field}.pollingIntervalMs`),
    port: integer(port, `${field}.port`, 0, 65_535),
    target: text(target, `${field}.target`, MAX_REASON_LENGTH),
    targetType: oneOf(targetType, `${field}.targetType`, CAPTURE_TARGETS),
  };
}

export const packCaptureStates = ({ activities }: CaptureStates): unknown[] => [
  MessageType.CAPTURE_STATES,
  activities.map((activity) => [
    activity.capture,
    activity.node,
    activity.state,
    activity.error?.slice(0, MAX_REASON_LENGTH) ?? null,
    activity.type ?? null,
    activity.packetsReceived,
    activity.packetsDropped,
    activity.packetsIfDropped,
    activity.flows,
    activity.drops,
    activity.pcapSocket ?? null,
    activity.sflowSocket ?? null,
    activity.mirrorOf ?? null,
    activity.facts,
  ]),
];

export const readCaptureStates = ([, activities]: readonly unknown[]): CaptureStates => ({
  kind: 'captureStates',
  activities: list(activities, 'activities', MAX_CAPTURE_TASKS).map((activity, index) => readActivity(activity, `activities[${index}]`)),
});

function readActivity(value: unknown, field: string): CaptureActivity {
  const [capture, node, state, error, type, received, dropped, ifDropped, flows, drops, pcapSocket, sflowSocket, mirrorOf, facts] =
    fieldsOf(value, field, 14);
  const shortText = (present: unknown, of: string): string | undefined =>
    optional(present, (given) => text(given, `${field}.${of}`, MAX_REASON_LENGTH));
  return {
    capture: identifier(capture, `${field}.capture`),
    node: identifier(node, `${field}.node`),
    state: oneOf(state, `${field}.state`, CAPTURE_STATES),
    error: shortText(error, 'error'),
    type: optional(type, (present) => oneOf(present, `${field}.type`, CAPTURE_TYPES)),
    packetsReceived: integer(received, `${field}.packetsReceived`),
    packetsDropped: integer(dropped, `${field}.packetsDropped`),
    packetsIfDropped: integer(ifDropped, `${field}.packetsIfDropped`),
    flows: integer(flows, `${field}.flows`),
    drops: readCounters(drops, `${field}.drops`),
    pcapSocket: shortText(pcapSocket, 'pcapSocket'),
    sflowSocket: shortText(sflowSocket, 'sflowSocket'),
    mirrorOf: shortText(mirrorOf, 'mirrorOf'),
    facts: readFacts(facts, `${field}.facts`),
  };
}

export const packAbilities = (message: Abilities): unknown[] => [
  MessageType.ABILITIES,
  message.allowsCapture,
  message.allowsInjection,
  message.captures.map(({ type, impossible }) => [type, impossible?.slice(0, MAX_REASON_LENGTH) ?? null]),
  message.ringBytes,
  message.ringBytesUsed,
  message.mostHeaderSize ?? null,
  message.mostRawPackets ?? null,
  message.mostCaptures ?? null,
];

export const readAbilities = ([
  ,
  allowsCapture,
  allowsInjection,
  captures,
  ringBytes,
  ringBytesUsed,
  mostHeaderSize,
  mostRawPackets,
  mostCaptures,
]: readonly unknown[]): Abilities => ({
  kind: 'abilities',
  allowsCapture: flag(allowsCapture, 'allowsCapture'),
  allowsInjection: flag(allowsInjection, 'allowsInjection'),
  captures: list(captures, 'captures', MAX_MISSING).map((value, index) => {
    const field = `captures[${index}]`;
    const [type, impossible] = fieldsOf(value, field, 2);
    return {
      type: oneOf(type, `${field}.type`, CAPTURE_TYPES),
      impossible: optional(impossible, (given) => text(given, `${field}.impossible`, MAX_REASON_LENGTH)),
    };
  }),
  ringBytes: integer(ringBytes, 'ringBytes'),
  ringBytesUsed: integer(ringBytesUsed, 'ringBytesUsed'),
  mostHeaderSize: optional(mostHeaderSize, (given) => integer(given, 'mostHeaderSize')),
  mostRawPackets: optional(mostRawPackets, (given) => integer(given, 'mostRawPackets')),
  mostCaptures: optional(mostCaptures, (given) => integer(given, 'mostCaptures')),
});

export function flag(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new Violation(field, 'expected true or false');
}

/** Totals by name. */
export function readCounters(value: unknown, field: string): Readonly<Record<string, number>> {
  return Object.fromEntries(entriesOf(value, field).map(([key, count]) => [key, integer(count, `${field}.${key}`)]));
}

function readFacts(value: unknown, field: string): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    entriesOf(value, field).map(([key, fact]) => {
      if (typeof fact === 'boolean') return [key, fact];
      return [key, typeof fact === 'number' ? finite(fact, `${field}.${key}`) : text(fact, `${field}.${key}`, MAX_REASON_LENGTH)];
    }),
  );
}

function entriesOf(value: unknown, field: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Violation(field, 'expected an object');
  const entries = Object.entries(value);
  if (entries.length > MAX_COUNTERS) throw new Violation(field, `expected at most ${MAX_COUNTERS} entries, got ${entries.length}`);
  for (const [key] of entries) name(key, field);
  return entries;
}
