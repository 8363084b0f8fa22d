import type { JsonObject } from '../../../common/json.js';

/** Adds a metric to another, field by field; together they reach from the earlier start to the later end, and have no round trip. */
export function addMetric(total: Record<string, number> | undefined, sample: JsonObject): Record<string, number> {
  const sum = total ?? {};
  delete sum.RTT;
  for (const [name, value] of Object.entries(sample)) {
    if (typeof value !== 'number') continue;
    const before = sum[name];
    if (name === 'RTT' && total !== undefined) continue;
    if (name === 'Start') sum[name] = Math.min(before ?? value, value);
    else if (name === 'Last') sum[name] = Math.max(before ?? value, value);
    else sum[name] = (before ?? 0) + value;
  }
  return sum;
}
