import type { Json } from '../../common/json.js';
import type { Delta, Measure } from '../../graph/delta.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { CAPTURES_KEY } from './captureTasks.js';
import { INJECTIONS_KEY } from './injectionTasks.js';

/** Keys under which old agents put counters of interfaces, which change all the time and are no new state of the thing. */
const MEASURED: ReadonlySet<string> = new Set(['Metric', 'LastUpdateMetric']);

/**
 * Keys under which old agents show how the captures and injections fare that we asked of them, many times a minute. We keep these
 * ourselves, for agents of every make.
 */
const OURS: ReadonlySet<string> = new Set([CAPTURES_KEY, INJECTIONS_KEY]);

const firstOf = (path: string): string => path.split('.')[0]!;

/** What an old agent says, as it is kept: its counters as measurements, and without what we know better. */
export function agentDeltas(delta: Delta): readonly Delta[] {
  if (delta.op === 'putNode') {
    const { state, measured } = parted(Object.entries(delta.metadata));
    return [{ ...delta, metadata: Object.fromEntries(state) }, ...measure(delta.id, measured, delta.observedAt)];
  }
  if (delta.op !== 'patch') return [delta];
  const { state: set, measured } = parted(delta.set ?? []);
  const unset = (delta.unset ?? []).filter((path) => !MEASURED.has(firstOf(path)) && !OURS.has(firstOf(path)));
  const patch = set.length + unset.length > 0 ? [{ ...delta, set, unset }] : [];
  return [...patch, ...measure(delta.id, measured, delta.observedAt)];
}

type Entries = readonly (readonly [path: string, value: Json])[];

function parted(entries: Entries): { readonly state: (readonly [path: string, value: Json])[]; readonly measured: Entries } {
  return {
    state: entries.filter(([path]) => !MEASURED.has(firstOf(path)) && !OURS.has(firstOf(path))),
    measured: entries.filter(([path]) => MEASURED.has(firstOf(path))),
  };
}

function measure(id: string, values: Entries, observedAt: number | undefined): Measure[] {
  const flat = values.flatMap(([path, value]) => [...flatten(path, value)]);
  return flat.length === 0 ? [] : [{ op: 'measure', id, values: flat, observedAt }];
}

function* flatten(path: string, value: Json): Iterable<readonly [string, Json]> {
  if (!isJsonObject(value)) yield [path, value];
  else for (const [key, inner] of Object.entries(value)) yield* flatten(`${path}.${key}`, inner);
}
