import type { Json } from '../../common/json.js';
import type { Delta, Measure } from '../../graph/delta.js';
import { isJsonObject } from '../../graph/metadataPath.js';

/** Keys under which old agents put counters of interfaces, which change all the time and are no new state of the thing. */
const MEASURED: ReadonlySet<string> = new Set(['Metric', 'LastUpdateMetric']);

/** What an old agent says, with its counters as measurements. */
export function withMeasurements(delta: Delta): readonly Delta[] {
  if (delta.op === 'putNode') {
    const entries = Object.entries(delta.metadata);
    if (!entries.some(([key]) => MEASURED.has(key))) return [delta];
    const metadata = Object.fromEntries(entries.filter(([key]) => !MEASURED.has(key)));
    return [
      { ...delta, metadata },
      ...measure(
        delta.id,
        entries.filter(([key]) => MEASURED.has(key)),
        delta.observedAt,
      ),
    ];
  }
  if (delta.op !== 'patch') return [delta];
  const isMeasured = (path: string): boolean => MEASURED.has(path.split('.')[0]!);
  const [set, unset] = [delta.set ?? [], delta.unset ?? []];
  const state = { ...delta, set: set.filter(([path]) => !isMeasured(path)), unset: unset.filter((path) => !isMeasured(path)) };
  const measured = measure(
    delta.id,
    set.filter(([path]) => isMeasured(path)),
    delta.observedAt,
  );
  return state.set.length + state.unset.length > 0 ? [state, ...measured] : measured;
}

function measure(id: string, values: readonly (readonly [path: string, value: Json])[], observedAt: number | undefined): Measure[] {
  const flat = values.flatMap(([path, value]) => [...flatten(path, value)]);
  return flat.length === 0 ? [] : [{ op: 'measure', id, values: flat, observedAt }];
}

function* flatten(path: string, value: Json): Iterable<readonly [string, Json]> {
  if (!isJsonObject(value)) yield [path, value];
  else for (const [key, inner] of Object.entries(value)) yield* flatten(`${path}.${key}`, inner);
}
