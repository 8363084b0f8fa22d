import type { Cancel } from '../common/clock.js';
import type { Measured } from '../graph/liveGraph.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { Sample, SampleStore } from '../samples/store.js';

/** Has the store keep what is measured. */
export const recordSamples = (recorder: Pick<RecorderContract, 'onMeasured'>, samples: SampleStore): Cancel =>
  recorder.onMeasured((measured) => samples.append(measured.flatMap(sampleOf)));

/** Numbers only: other values have no series. */
function sampleOf({ id, at, values }: Measured): Sample[] {
  const numbers: Record<string, number> = {};
  let isEmpty = true;
  for (const [path, value] of values) {
    if (typeof value !== 'number') continue;
    numbers[path] = value;
    isEmpty = false;
  }
  return isEmpty ? [] : [{ id, at, values: numbers }];
}
