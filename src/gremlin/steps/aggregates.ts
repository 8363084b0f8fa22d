import type { JsonObject } from '../../common/json.js';
import { pieces } from '../execute/rows.js';
import type { Keyed, Rows } from '../execute/traversal.js';
import { defineStep } from '../step.js';
import { addMetric } from './metrics/add.js';
import { orderedMetric } from './metrics/fields.js';

const DEFAULT_SECONDS = 30;
const MAX_SLICES = 10_000;

/** `Aggregates([seconds])`: the metrics of all elements together, in equal slices of time. */
export const aggregates = defineStep({
  name: 'Aggregates',
  usage: ['Aggregates()', 'Aggregates(seconds)'],
  doc: 'all metrics added up in slices of time, 30 seconds each unless given; a metric that reaches over several slices is shared out by time; slices without any are left out',
  on: { metrics: 'metrics' },
  read(call) {
    const [seconds] = call.args;
    if (seconds === undefined) return DEFAULT_SECONDS * 1_000;
    if (call.args.length > 1 || seconds.kind !== 'integer' || seconds.value <= 0) {
      throw call.misread('Aggregates parameter has to be a positive number', call.args.length > 1 ? call.args[1] : seconds);
    }
    return seconds.value * 1_000;
  },
  plan:
    (sliceMs, _from, call) =>
    async ({ rows, slice }, run) => {
      const samples = (await run.all(rows as Rows<Keyed<readonly JsonObject[]>>)).flatMap(([, list]) => list);
      if (samples.length === 0) return { rows: [] };
      const start = slice !== undefined && slice.from < slice.to ? slice.from : least(samples, 'Start');
      const end = slice !== undefined && slice.from < slice.to ? slice.to : most(samples, 'Last');
      const count = Math.max(1, Math.ceil((end - start) / sliceMs));
      if (count > MAX_SLICES) throw call.refuse(`Aggregates available slices exceeded: ${count}/${MAX_SLICES}`, call.args[0]);
      const slices = new Map<number, Record<string, number>>();
      for (const sample of samples) share(sample, start, sliceMs, count, slices);
      const ordered = [...slices].sort(([a], [b]) => a - b).map(([, metric]) => orderedMetric(metric));
      const keyed: Keyed<readonly JsonObject[]>[] = ordered.length === 0 ? [] : [['Aggregated', ordered]];
      return { rows: pieces(keyed) };
    },
});

const numberAt = (sample: JsonObject, key: string): number => (typeof sample[key] === 'number' ? (sample[key] as number) : 0);
const least = (samples: readonly JsonObject[], key: string): number =>
  samples.reduce((low, sample) => Math.min(low, numberAt(sample, key)), Infinity);
const most = (samples: readonly JsonObject[], key: string): number =>
  samples.reduce((high, sample) => Math.max(high, numberAt(sample, key)), -Infinity);

/** Adds to each slice the part of the sample that lies in it: cut to whole numbers, so that what a slice does not get is in the next. */
function share(sample: JsonObject, start: number, sliceMs: number, count: number, slices: Map<number, Record<string, number>>): void {
  const to = numberAt(sample, 'Last');
  // What was counted in the very last moment is in the last slice.
  const first = Math.min(count - 1, Math.max(0, Math.floor((numberAt(sample, 'Start') - start) / sliceMs)));
  const last = Math.min(count - 1, Math.max(first, Math.ceil((to - start) / sliceMs) - 1));
  // What lies before the first slice is of no interest.
  let [, rest] = split(sample, start + first * sliceMs);
  for (let index = first; index <= last; index++) {
    const Start = start + index * sliceMs;
    const [part, after] = split(rest, Start + sliceMs);
    slices.set(index, addMetric(slices.get(index), { ...counted(part), Start, Last: Start + sliceMs }));
    rest = after;
  }
}

/** A metric as two: what was counted until the instant, by the share of its time and cut to whole numbers, and all the rest. */
function split(metric: JsonObject, at: number): readonly [before: JsonObject, after: JsonObject] {
  const from = numberAt(metric, 'Start');
  const to = numberAt(metric, 'Last');
  if (at >= to) return [metric, { ...nothing(metric), Start: at, Last: at }];
  if (at <= from) return [{ ...nothing(metric), Start: from, Last: from }, metric];
  const before: Record<string, number> = { Start: from, Last: at };
  const after: Record<string, number> = { Start: at, Last: to };
  for (const [name, value] of Object.entries(metric)) {
    if (IS_NO_COUNTER.has(name) || typeof value !== 'number') continue;
    before[name] = Math.trunc((value * (at - from)) / (to - from));
    after[name] = value - before[name];
  }
  return [before, after];
}

/** Times, and a round trip, which has no share of time. */
const IS_NO_COUNTER: ReadonlySet<string> = new Set(['Start', 'Last', 'RTT']);

const nothing = (metric: JsonObject): Record<string, number> =>
  Object.fromEntries(Object.keys(metric).flatMap((name) => (IS_NO_COUNTER.has(name) ? [] : [[name, 0]])));

/** Of flows every counter is always there, of interfaces those that are not zero. */
function counted(metric: JsonObject): JsonObject {
  const isOfFlow = Object.hasOwn(metric, 'ABPackets');
  return Object.fromEntries(Object.entries(metric).filter(([, value]) => typeof value === 'number' && (value !== 0 || isOfFlow)));
}
