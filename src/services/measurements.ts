import type { Clock } from '../common/clock.js';
import type { JsonObject } from '../common/json.js';
import type { ElementId } from '../graph/element.js';
import { readPath } from '../graph/metadataPath.js';
import type { Series } from '../samples/store.js';
import type { ReadScope } from './readScope.js';
import type { SampleReader } from './sight/sightedSamples.js';
import { badValue } from '../graph/filter/badValue.js';
import type { Moment } from './elementView.js';
import { resolveRange, type ResolvedRange, type TimeRange } from './instant.js';

/** Names of counters, in the schema and in metadata. */
const COUNTERS = {
  rxBytes: 'RxBytes',
  txBytes: 'TxBytes',
  rxPackets: 'RxPackets',
  txPackets: 'TxPackets',
  rxErrors: 'RxErrors',
  txErrors: 'TxErrors',
  rxDropped: 'RxDropped',
  txDropped: 'TxDropped',
  multicast: 'Multicast',
  collisions: 'Collisions',
} as const;

type CounterName = keyof typeof COUNTERS;

/** Counters that a rate is made of. */
const RATED = [
  'rxBytes',
  'txBytes',
  'rxPackets',
  'txPackets',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
] as const satisfies CounterName[];

const TOTALS = 'Metric';
const LATEST_STEP = 'LastUpdateMetric';
const BITS_PER_BYTE = 8;
const MS_PER_SECOND = 1_000;

/** Most steps in one series of rates: more than a chart has pixels. */
const MAX_STEPS = 2_000;

/** How old a sample may be and still tell about an instant: agents are silent while an interface is idle. */
const SAMPLE_KEEPS_MS = 3_600_000;

export type InterfaceCounters = { readonly at: number } & { readonly [Name in CounterName]: number };

export interface InterfaceRate {
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly rxBitsPerSecond: number;
  readonly txBitsPerSecond: number;
  readonly rxPacketsPerSecond: number;
  readonly txPacketsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly dropsPerSecond: number;
}

/** A range cut into steps. */
export interface RateQuery extends Pick<ResolvedRange, 'from' | 'to'> {
  readonly stepMs: number;
}

type ReadNumber = (path: string) => number | undefined;

/** Counters and rates of interfaces: of the present from the graph, of the past from the store of samples, many interfaces at a time. */
export class Measurements {
  constructor(
    /** The store as the request sees it. */
    private readonly samplesFor: (scope: ReadScope) => SampleReader,
    private readonly clock: Clock,
  ) {}

  /** Totals known in the graph itself, where the present is looked at. */
  presentCounters({ graph }: Moment, id: ElementId): InterfaceCounters | undefined {
    return countersFrom(reader(graph.measurements(id)));
  }

  /** Rates of the latest interval between two readings; empty before there are two. */
  presentRates({ graph }: Moment, id: ElementId): readonly InterfaceRate[] {
    return latestRates(reader(graph.measurements(id)));
  }

  /** Totals at a past instant, in the order of the ids. */
  async countersAt(scope: ReadScope, at: number, ids: readonly ElementId[]): Promise<(InterfaceCounters | undefined)[]> {
    return (await this.#readersAt(scope, at, ids)).map((read) => read && countersFrom(read));
  }

  /** Rates of the latest interval at a past instant, in the order of the ids. */
  async ratesAt(scope: ReadScope, at: number, ids: readonly ElementId[]): Promise<(readonly InterfaceRate[])[]> {
    return (await this.#readersAt(scope, at, ids)).map((read) => (read ? latestRates(read) : []));
  }

  /** Throws `BAD_INPUT` for a range that ends before it starts and for too many steps. */
  rateQuery(between: TimeRange, stepMs: number): RateQuery {
    const range = resolveRange(between, this.clock);
    const least = Math.ceil((range.to - range.from) / MAX_STEPS);
    if (stepMs <= 0 || stepMs < least)
      throw badValue('step', `${stepMs}ms`, `a step of at least ${Math.max(1, least)}ms, so that there are no more than ${MAX_STEPS}`);
    return { ...range, stepMs };
  }

  /** Rates in each step, in the order of the ids. A step in which nothing was read says zero: agents are silent while nothing moves. */
  async rates(scope: ReadScope, { from, to, stepMs }: RateQuery, ids: readonly ElementId[]): Promise<(readonly InterfaceRate[])[]> {
    const paths = RATED.map((name) => `${TOTALS}.${COUNTERS[name]}`);
    // One step more at the start, for the value from which the first difference is taken.
    const series = await this.samplesFor(scope).series({ ids, paths, from: from - stepMs, to, stepMs });
    const byId = new Map<ElementId, Map<string, Series>>();
    for (const one of series) {
      const ofId = byId.get(one.id) ?? new Map<string, Series>();
      byId.set(one.id, ofId.set(one.path, one));
    }
    return ids.map((id) => stepRates(byId.get(id), { from, to, stepMs }));
  }

  async #readersAt(scope: ReadScope, at: number, ids: readonly ElementId[]): Promise<(ReadNumber | undefined)[]> {
    const samples = await this.samplesFor(scope).latest(ids, at, SAMPLE_KEEPS_MS);
    return ids.map((id) => {
      const values = samples.get(id)?.values;
      return values && ((path) => values[path]);
    });
  }
}

const reader =
  (measurements: JsonObject | undefined): ReadNumber =>
  (path) => {
    const value = measurements && readPath(measurements, path);
    return typeof value === 'number' ? value : undefined;
  };

function countersFrom(read: ReadNumber): InterfaceCounters | undefined {
  const at = read(`${TOTALS}.Last`);
  if (at === undefined) return undefined;
  // Counters that are zero are left out at the source.
  const totals = Object.entries(COUNTERS).map(([name, key]) => [name, read(`${TOTALS}.${key}`) ?? 0] as const);
  return { at, ...(Object.fromEntries(totals) as Record<CounterName, number>) };
}

function latestRates(read: ReadNumber): InterfaceRate[] {
  const start = read(`${LATEST_STEP}.Start`);
  const end = read(`${LATEST_STEP}.Last`);
  if (start === undefined || end === undefined || end <= start) return [];
  return [rateOf(start, end, (name) => read(`${LATEST_STEP}.${COUNTERS[name]}`) ?? 0)];
}

function rateOf(start: number, end: number, added: (name: (typeof RATED)[number]) => number): InterfaceRate {
  const perSecond = MS_PER_SECOND / (end - start);
  return {
    start,
    end,
    rxBitsPerSecond: added('rxBytes') * BITS_PER_BYTE * perSecond,
    txBitsPerSecond: added('txBytes') * BITS_PER_BYTE * perSecond,
    rxPacketsPerSecond: added('rxPackets') * perSecond,
    txPacketsPerSecond: added('txPackets') * perSecond,
    errorsPerSecond: (added('rxErrors') + added('txErrors')) * perSecond,
    dropsPerSecond: (added('rxDropped') + added('txDropped')) * perSecond,
  };
}

/** Differences of the totals at the ends of steps. A total that falls was reset: what it counts since then is what was added. */
function stepRates(series: ReadonlyMap<string, Series> | undefined, { from, to, stepMs }: RateQuery): InterfaceRate[] {
  if (series === undefined) return [];
  const ends = RATED.map((name) => totalsByStep(series.get(`${TOTALS}.${COUNTERS[name]}`), from - stepMs, to, stepMs));
  const known = Math.min(...[...series.values()].map(({ times }) => times[0] ?? Infinity));
  const rates: InterfaceRate[] = [];
  for (let step = 1; from + (step - 1) * stepMs < to; step += 1) {
    const start = from + (step - 1) * stepMs;
    if (start <= known - stepMs || known >= start) continue;
    const added = (name: (typeof RATED)[number]): number => {
      const totals = ends[RATED.indexOf(name)]!;
      const [before, after] = [totals[step - 1]!, totals[step]!];
      return after >= before ? after - before : after;
    };
    rates.push(rateOf(start, Math.min(start + stepMs, to), added));
  }
  return rates;
}

/** The total at the end of each step, carried on where nothing was read. */
function totalsByStep(series: Series | undefined, from: number, to: number, stepMs: number): number[] {
  const totals: number[] = [];
  let next = 0;
  let total = series?.values[0] ?? 0;
  for (let start = from; start < to; start += stepMs) {
    while (series !== undefined && next < series.times.length && series.times[next]! < start + stepMs) total = series.values[next++]!;
    totals.push(total);
  }
  return totals;
}

/** Agents are silent while nothing moves: after so many of its own intervals, and so many milliseconds, a reading is over and means nothing. */
const KEPT_INTERVALS = 2.5;
const LEAST_KEPT_MS = 10_000;
const NOTHING = { rxBitsPerSecond: 0, txBitsPerSecond: 0, dropsPerSecond: 0 } as const;

/** What moves through an interface at a moment of the present, after its latest readings; `undefined` where it has none, as in the past. */
export function rateNow(
  { graph, at }: Pick<Moment, 'graph' | 'at'>,
  id: ElementId,
): Pick<InterfaceRate, 'rxBitsPerSecond' | 'txBitsPerSecond' | 'dropsPerSecond'> | undefined {
  const measurements = graph.measurements(id);
  const [rate] = measurements === undefined ? [] : latestRates(reader(measurements));
  if (rate === undefined) return undefined;
  return rate.end + Math.max(LEAST_KEPT_MS, (rate.end - rate.start) * KEPT_INTERVALS) < at ? NOTHING : rate;
}
