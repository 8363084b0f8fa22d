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
      const count = Math.ceil((end - start) / sliceMs);
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

/** Adds to each slice the part of the sample that lies in it, cut to whole numbers. */
function share(sample: JsonObject, start: number, sliceMs: number, count: number, slices: Map<number, Record<string, number>>): void {
  const from = numberAt(sample, 'Start');
  const to = numberAt(sample, 'Last');
  const first = Math.max(0, Math.floor((from - start) / sliceMs));
  const last = Math.min(count - 1, Math.max(first, Math.ceil((to - start) / sliceMs) - 1));
  for (let index = first; index <= last; index++) {
    const sliceStart = start + index * sliceMs;
    const overlap = Math.min(to, sliceStart + sliceMs) - Math.max(from, sliceStart);
    const ratio = to > from ? Math.max(0, overlap) / (to - from) : 1;
    const isOfFlow = Object.hasOwn(sample, 'ABPackets');
    const part: Record<string, number> = { Start: sliceStart, Last: sliceStart + sliceMs };
    for (const [name, value] of Object.entries(sample)) {
      if (name === 'Start' || name === 'Last' || typeof value !== 'number') continue;
      const cut = Math.trunc(value * ratio);
      // Of flows all but the round trip are always there.
      if (cut !== 0 || (isOfFlow && name !== 'RTT')) part[name] = cut;
    }
    slices.set(index, addMetric(slices.get(index), part));
  }
}
