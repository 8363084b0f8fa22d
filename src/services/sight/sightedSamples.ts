import type { SampleStore, Series } from '../../samples/store.js';
import type { SeenHistory, SeenSpan } from './seenHistory.js';
import type { Sight } from './sight.js';

/** What is read of the store of samples. */
export type SampleReader = Pick<SampleStore, 'series' | 'latest'>;

/** The store as somebody sees it: of each element what was measured while it was seen, without what is hidden. */
export function sightedSamples(samples: SampleStore, history: SeenHistory, sight: Sight | undefined): SampleReader {
  if (sight === undefined) return samples;
  return {
    async series({ paths, ...query }) {
      const shown = paths.filter((path) => !sight.hidden.hides(path));
      if (shown.length === 0) return [];
      const found = await samples.series({ ...query, paths: shown });
      if (!sight.isPartial || found.length === 0) return found;
      const spans = await history.spans(sight, query);
      // The value of a step is the last one in it: the whole step has to lie inside.
      return found.flatMap((series) => clipped(series, spans.of(series.id), query.stepMs));
    },
    async latest(ids, at, withinMs) {
      const found = await samples.latest(ids, at, withinMs);
      const oldest = Math.min(...Array.from(found.values(), (sample) => sample.at));
      const spans = sight.isPartial && found.size > 0 ? await history.spans(sight, { from: oldest, to: at }) : undefined;
      const shown = [...found].filter(([id, sample]) => spans === undefined || isWithin(sample.at, sample.at, spans.of(id)));
      return new Map(
        shown.map(([id, sample]) => {
          const values = Object.entries(sample.values).filter(([path]) => !sight.hidden.hides(path));
          return [id, { ...sample, values: Object.fromEntries(values) }];
        }),
      );
    },
  };
}

const isWithin = (from: number, to: number, spans: readonly SeenSpan[] | undefined): boolean =>
  spans?.some((span) => span.from <= from && to <= span.to) ?? false;

function clipped(series: Series, spans: readonly SeenSpan[] | undefined, stepMs: number): Series[] {
  const kept = Array.from(series.times.keys()).filter((place) => {
    const start = series.times[place]!;
    return isWithin(start, start + stepMs - 1, spans);
  });
  if (kept.length === series.times.length) return [series];
  if (kept.length === 0) return [];
  const pick = (list: Float64Array): Float64Array => Float64Array.from(kept, (place) => list[place]!);
  return [{ ...series, times: pick(series.times), values: pick(series.values) }];
}
