import type { Sample } from '../store.js';
import type { SampleColumns } from './messages.js';

/** The samples as columns, ready to be sent to the thread. Values that are not finite numbers are left out. */
export function toColumns(samples: readonly Sample[]): SampleColumns {
  const ids = new Map<string, number>();
  const layouts = new Map<string, number>();
  const names: string[][] = [];
  const element = new Uint32Array(samples.length);
  const layout = new Uint32Array(samples.length);
  const at = new Float64Array(samples.length);
  const values: number[] = [];
  samples.forEach((sample, index) => {
    const paths = Object.keys(sample.values).filter((path) => Number.isFinite(sample.values[path]));
    element[index] = numberOf(ids, sample.id);
    layout[index] = numberOf(layouts, paths.join('\n'));
    names[layout[index]!] ??= paths;
    at[index] = sample.at;
    for (const path of paths) values.push(sample.values[path]!);
  });
  return { ids: [...ids.keys()], layouts: names, element, layout, at, values: Float64Array.from(values) };
}

function numberOf(numbers: Map<string, number>, key: string): number {
  let number = numbers.get(key);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(key, number);
  }
  return number;
}
