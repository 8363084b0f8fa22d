import type { Measure } from '../delta.js';
import { Measurements } from '../measurements.js';
import type { Writing } from '../writing.js';

/** Takes new values of measurements: no revision, no change, only the live values and what the sample store gets. */
export function measure(write: Writing, delta: Measure, index: number): void {
  const entry = write.present.entry(delta.id);
  if (!entry) return write.reject(index, 'NOT_FOUND', `there is no element ${delta.id}`);
  entry.measurements ??= new Measurements(write.layouts);
  entry.measurements.update(delta.values);
  write.measured.push({ id: entry.id, at: write.observed(delta.observedAt), values: delta.values });
}
