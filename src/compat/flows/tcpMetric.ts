import type { TcpMetric } from '../../flow/flow.js';
import { withKnownTtls } from '../../flow/table/tcpColumns.js';
import type { LaidOut, Layout } from './layouts.js';
import { isTimeOf, type FlowTimes } from './metrics.js';
import { numberAt, type Values } from './numbering.js';

type TcpField = keyof TcpMetric;

const HANDSHAKE = ['ABSynStart', 'BASynStart', 'ABSynTTL', 'BASynTTL', 'ABFinStart', 'BAFinStart', 'ABRstStart', 'BARstStart'] as const;
const STREAM = ['SegmentOutOfOrder', 'SegmentSkipped', 'SegmentSkippedBytes', 'Packets', 'Bytes', 'SawStart', 'SawEnd'] as const;

/** In the order of the declaration: handshake and end, then what reassembly counts, one direction after the other. */
const FIELDS: readonly TcpField[] = [
  ...HANDSHAKE,
  ...STREAM.map((name) => `AB${name}` as const),
  ...STREAM.map((name) => `BA${name}` as const),
];
const PLACE = new Map(FIELDS.map((name, place) => [name, place]));

/** Orders that the same list may stand for: the streams' counters one direction after the other, or side by side. */
const STREAMS: readonly (readonly TcpField[])[] = [
  FIELDS.slice(HANDSHAKE.length),
  STREAM.flatMap((name) => [`AB${name}`, `BA${name}`] as const),
];

/** Number at which the declaration begins, and numbers that are left free before the streams' counters, at most. */
const MOST_FIRST = 16;
const MOST_GAP = 8;

function makeLayouts(): { readonly all: readonly Layout[]; readonly likely: ReadonlySet<Layout> } {
  const all: Layout[] = [];
  const likely = new Set<Layout>();
  for (let first = 1; first <= MOST_FIRST; first += 1)
    for (let gap = 0; gap <= MOST_GAP; gap += 1)
      for (const streams of STREAMS) {
        const layout = new Map([
          ...HANDSHAKE.map((name, index) => [first + index, PLACE.get(name)!] as const),
          ...streams.map((name, index) => [first + HANDSHAKE.length + gap + index, PLACE.get(name)!] as const),
        ]);
        all.push(layout);
        if (gap === 0 && streams === STREAMS[0]) likely.add(layout);
      }
  return { all, likely };
}

/** The same for every agent, made when the first sends such a message. */
let made: ReturnType<typeof makeLayouts> | undefined;
const layouts = (): ReturnType<typeof makeLayouts> => (made ??= makeLayouts());

const MOST_TTL = 255;

/** Times of the handshake and of the end with the lifetimes of the first packets, and what reassembly counts. */
export const TCP_METRIC: LaidOut<FlowTimes> = {
  name: 'tcp',
  count: FIELDS.length,
  layouts: () => layouts().all,
  isLikely: (layout) => layouts().likely.has(layout),
  isPossible: (values, times) => {
    for (let place = 0; place < values.length; place += 1) {
      const value = values[place];
      if (value !== undefined && (typeof value !== 'number' || !KINDS[place]!(value, times))) return false;
    }
    const has = (name: TcpField): boolean => values[PLACE.get(name)!] !== undefined;
    // A SYN is noted with its time and its TTL, and bytes come in packets.
    return (
      has('ABSynStart') === has('ABSynTTL') &&
      has('BASynStart') === has('BASynTTL') &&
      (!has('ABBytes') || has('ABPackets')) &&
      (!has('BABytes') || has('BAPackets'))
    );
  },
};

type IsPossible = (value: number, times: FlowTimes) => boolean;
const isTtl: IsPossible = (value) => value > 0 && value <= MOST_TTL;
const isFlag: IsPossible = (value) => value === 1;
/** One less than nothing is how a gap of unknown length is written. */
const isCount: IsPossible = (value, times) => value >= -1 && !isTimeOf(value, times);

/** By place. */
const KINDS: readonly IsPossible[] = FIELDS.map((name) =>
  name.endsWith('TTL') ? isTtl : name.includes('Saw') ? isFlag : name.endsWith('Start') ? isTimeOf : isCount,
);

export function tcpMetricOf(values: Values): TcpMetric {
  const numbers = Object.fromEntries(FIELDS.map((name, place) => [name, numberAt(values, place)]));
  return withKnownTtls(numbers as Record<TcpField, number>);
}
