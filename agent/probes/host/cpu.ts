import type { JsonObject } from '../../../src/common/json.js';

/** Fields of /proc/cpuinfo, the names that metadata has for them, and whether they are numbers. */
const FIELDS: Readonly<Record<string, readonly [name: string, isNumber: boolean]>> = {
  processor: ['CPU', true],
  vendor_id: ['VendorID', false],
  'cpu family': ['Family', false],
  model: ['Model', false],
  stepping: ['Stepping', true],
  'physical id': ['PhysicalID', false],
  'core id': ['CoreID', false],
  'cpu cores': ['Cores', true],
  'model name': ['ModelName', false],
  'cpu MHz': ['Mhz', true],
  'cache size': ['CacheSize', true],
  microcode: ['Microcode', false],
};

/** One object for each logical processor; what is zero is left out. `maximum` is the highest frequency in MHz, preferred over the present one, which changes all the time. */
export function parseCpus(cpuInfo: string, maximum: (cpu: number) => number | undefined): JsonObject[] {
  return cpuInfo
    .split(/\n\s*\n/)
    .filter((block) => /^processor\s*:/m.test(block))
    .map((block) => {
      const cpu: Record<string, string | number> = {};
      for (const line of block.split('\n')) {
        const colon = line.indexOf(':');
        const field = FIELDS[line.slice(0, colon).trim()];
        if (colon < 0 || field === undefined) continue;
        const text = line.slice(colon + 1).trim();
        const value = field[1] ? Math.round(parseFloat(text)) : text;
        if (value !== 0 && value !== '' && value === value) cpu[field[0]] = value;
      }
      const highest = maximum(Number(cpu.CPU ?? 0));
      if (highest !== undefined) cpu.Mhz = highest;
      return cpu;
    });
}

/** `3,4,7-9` as numbers; what cannot be read gives none. */
export function parseIsolated(list: string): number[] {
  const numbers: number[] = [];
  for (const part of list.split(',').filter((text) => text.trim() !== '')) {
    const range = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    if (range === null) return [];
    const [first, last] = [Number(range[1]), Number(range[2] ?? range[1])];
    if (last < first) return [];
    for (let cpu = first; cpu <= last; cpu++) numbers.push(cpu);
  }
  return numbers;
}
