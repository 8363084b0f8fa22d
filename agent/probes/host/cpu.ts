import { CanopyError } from '../../../src/common/errors.js';
import type { JsonObject } from '../../../src/common/json.js';

/** Fields of /proc/cpuinfo on x86 and ARM, the names that metadata has for them, and whether they are numbers. */
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
  'CPU implementer': ['VendorID', false],
  'CPU architecture': ['Family', false],
  'CPU part': ['Model', false],
  'CPU revision': ['Stepping', true],
};

/** Makers of ARM processors (MIDR_EL1.Implementer), and names of the processors of servers by maker and part. */
const ARM_MAKERS: Readonly<Record<string, string>> = {
  '0x41': 'ARM',
  '0x42': 'Broadcom',
  '0x43': 'Cavium',
  '0x46': 'Fujitsu',
  '0x48': 'HiSilicon',
  '0x4e': 'NVIDIA',
  '0x50': 'APM',
  '0x51': 'Qualcomm',
  '0x61': 'Apple',
  '0xc0': 'Ampere',
};
const ARM_MODELS: Readonly<Record<string, string>> = {
  'ARM 0xd03': 'Cortex-A53',
  'ARM 0xd04': 'Cortex-A35',
  'ARM 0xd05': 'Cortex-A55',
  'ARM 0xd07': 'Cortex-A57',
  'ARM 0xd08': 'Cortex-A72',
  'ARM 0xd09': 'Cortex-A73',
  'ARM 0xd0a': 'Cortex-A75',
  'ARM 0xd0b': 'Cortex-A76',
  'ARM 0xd0c': 'Neoverse-N1',
  'ARM 0xd40': 'Neoverse-V1',
  'ARM 0xd49': 'Neoverse-N2',
  'ARM 0xd4f': 'Neoverse-V2',
  'Cavium 0x0a1': 'ThunderX',
  'Cavium 0x0af': 'ThunderX2',
  'HiSilicon 0xd01': 'TaiShan-v110',
  'Ampere 0xac3': 'Ampere-1',
};

/** More than any kernel is built for (NR_CPUS). */
const MOST_CPUS = 65_536;

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
      nameArm(cpu);
      const highest = maximum(Number(cpu.CPU ?? 0));
      if (highest !== undefined) cpu.Mhz = highest;
      return cpu;
    });
}

/** ARM processors say numbers instead of names. */
function nameArm(cpu: Record<string, string | number>): void {
  const maker = ARM_MAKERS[cpu.VendorID ?? ''];
  if (maker === undefined) return;
  cpu.VendorID = maker;
  const model = ARM_MODELS[`${maker} ${cpu.Model}`];
  if (model !== undefined) cpu.ModelName ??= model;
}

/** `3,4,7-9` as numbers. Throws `BAD_INPUT` for a range that is open or runs backwards, and for what is none. */
export function parseIsolated(list: string): number[] {
  const numbers: number[] = [];
  for (const part of list.split(',').filter((text) => text.trim() !== '')) {
    const range = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part);
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])];
    if (range === null || last < first || last > MOST_CPUS)
      throw new CanopyError('BAD_INPUT', `${JSON.stringify(part)} is no range of processors`);
    for (let cpu = first; cpu <= last; cpu++) numbers.push(cpu);
  }
  return numbers;
}
