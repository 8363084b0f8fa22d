import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseIsolated } from '../../../../agent/probes/host/cpu.js';
import { parseCommandLine, readPlatform } from '../../../../agent/probes/host/platform.js';

const CPU_INFO = `processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 85
model name\t: Some Processor
stepping\t: 4
cpu MHz\t\t: 2400.123
cache size\t: 33792 KB
physical id\t: 0
core id\t\t: 0
cpu cores\t: 1
flags\t\t: fpu hypervisor

processor\t: 1
vendor_id\t: GenuineIntel
model name\t: Some Processor
cpu MHz\t\t: 2400.123
`;

describe('facts about the machine', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'agt-host-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };

  it('come from the files of the system', () => {
    write('/proc/cpuinfo', CPU_INFO);
    write('/proc/cmdline', 'quiet root=/dev/vda "init=/bin/my init"\n');
    write('/etc/os-release', 'NAME="Debian"\nID=debian\nVERSION_ID="12"\n');
    write('/etc/debian_version', '12.14\n');
    write('/var/lib/cloud/data/instance-id', 'i-0123\n');
    write('/sys/class/dmi/id/sys_vendor', 'QEMU\n');
    write('/sys/devices/system/cpu/cpu1/cpufreq/cpuinfo_max_freq', '3500000\n');
    write('/sys/devices/system/cpu/isolated', '2,4-6\n');
    expect(readPlatform(root)).toMatchObject({
      InstanceID: 'i-0123',
      Platform: 'debian',
      PlatformFamily: 'debian',
      PlatformVersion: '12.14',
      KernelCmdLine: { quiet: true, root: '/dev/vda', init: '/bin/my init' },
      CPUCount: 2,
      CPUModel: 'Some Processor',
      IsolatedCPU: [2, 4, 5, 6],
      VirtualizationSystem: 'kvm',
      VirtualizationRole: 'guest',
      CPU: [
        {
          VendorID: 'GenuineIntel',
          Family: '6',
          Model: '85',
          Stepping: 4,
          ModelName: 'Some Processor',
          Mhz: 2400,
          CacheSize: 33792,
          Cores: 1,
        },
        { CPU: 1, Mhz: 3500 },
      ],
    });
  });

  it('are fewer where files are missing, and never an error', () => {
    const facts = readPlatform(root);
    expect(facts).toMatchObject({ OS: process.platform, Architecture: process.arch });
    for (const key of ['InstanceID', 'Platform', 'CPU', 'IsolatedCPU', 'VirtualizationSystem']) expect(facts).not.toHaveProperty(key);
  });

  it('know a family and a container', () => {
    write('/etc/os-release', 'ID=ubuntu\nID_LIKE="debian"\nVERSION_ID="24.04"\n');
    write('/.dockerenv', '');
    expect(readPlatform(root)).toMatchObject({
      Platform: 'ubuntu',
      PlatformFamily: 'debian',
      PlatformVersion: '24.04',
      VirtualizationSystem: 'docker',
    });
  });

  it.each([
    ['', []],
    ['3', [3]],
    ['3,4,7-9', [3, 4, 7, 8, 9]],
    ['9-7', []],
    ['4-', []],
    ['x', []],
  ])('isolated processors %j are %j', (list, expected) => {
    expect(parseIsolated(list)).toEqual(expected);
  });

  it('keeps an equals sign in the value of an argument', () => {
    expect(parseCommandLine('a=b=c d')).toEqual({ a: 'b=c', d: true });
  });
});
