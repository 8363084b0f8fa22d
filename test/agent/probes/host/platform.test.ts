import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseIsolated } from '../../../../agent/probes/host/cpu.js';
import { parseCommandLine, readPlatform, findHostRoot } from '../../../../agent/probes/host/platform.js';

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
    expect(readPlatform(root).facts).toMatchObject({
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
    const { facts } = readPlatform(root);
    expect(facts).toMatchObject({ OS: process.platform, Architecture: process.arch });
    for (const key of ['InstanceID', 'Platform', 'CPU', 'IsolatedCPU', 'VirtualizationSystem']) expect(facts).not.toHaveProperty(key);
  });

  it('know a family and a container', () => {
    write('/etc/os-release', 'ID=ubuntu\nID_LIKE="debian"\nVERSION_ID="24.04"\n');
    write('/.dockerenv', '');
    expect(readPlatform(root).facts).toMatchObject({
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
    ['0-0', [0]],
  ])('isolated processors %j are %j', (list, expected) => {
    expect(parseIsolated(list)).toEqual(expected);
  });

  it.each(['9-7', '4-', '-4', 'x', '1,2-', '0-4294967295'])('isolated processors %j are refused, and the rest is told', (list) => {
    expect(() => parseIsolated(list)).toThrow(/is no range of processors/);
    write('/sys/devices/system/cpu/isolated', list);
    write('/proc/cpuinfo', CPU_INFO);
    const { facts, problems } = readPlatform(root);
    expect(facts).toMatchObject({ CPUCount: 2 });
    expect(facts).not.toHaveProperty('IsolatedCPU');
    expect(problems).toEqual([
      expect.stringMatching(/^\/sys\/devices\/system\/cpu\/isolated cannot be read: .* is no range of processors$/),
    ]);
  });

  it('are those of an ARM server too', () => {
    const cpu = (number: number): string =>
      `processor\t: ${number}\nBogoMIPS\t: 243.75\nFeatures\t: fp asimd\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\nCPU revision\t: 1\n`;
    write('/proc/cpuinfo', `${cpu(0)}\n${cpu(1)}\n`);
    expect(readPlatform(root).facts).toMatchObject({
      CPU: [
        { VendorID: 'ARM', Family: '8', Model: '0xd0c', Stepping: 1, ModelName: 'Neoverse-N1' },
        { CPU: 1, VendorID: 'ARM' },
      ],
      CPUCount: 2,
      CPUModel: 'Neoverse-N1',
    });
  });

  it.each([
    ['rhel', 'fedora', 'rhel'],
    ['rocky', 'rhel centos fedora', 'rhel'],
    ['amzn', 'fedora', 'rhel'],
    ['fedora', '', 'fedora'],
    ['opensuse-leap', 'suse opensuse', 'suse'],
    ['alpine', '', 'alpine'],
  ])('know that %s, like %j, is of the family %s', (id, like, family) => {
    write('/etc/os-release', `ID=${id}\n${like === '' ? '' : `ID_LIKE="${like}"\n`}`);
    expect(readPlatform(root).facts).toMatchObject({ Platform: id, PlatformFamily: family });
  });

  it.each([
    ['/proc/xen/capabilities', 'control_d\n', 'xen', 'host'],
    ['/sys/hypervisor/type', 'xen\n', 'xen', 'guest'],
    ['/proc/modules', 'kvm 1 0 - Live\n', 'kvm', 'host'],
    ['/proc/modules', 'vboxdrv 1 0 - Live\n', 'vbox', 'host'],
    ['/sys/class/dmi/id/sys_vendor', 'VMware, Inc.\n', 'vmware', 'guest'],
    ['/sys/class/dmi/id/sys_vendor', 'Microsoft Corporation\n', 'hyperv', 'guest'],
    ['/sys/class/dmi/id/product_name', 'Amazon EC2\n', 'kvm', 'guest'],
    ['/run/.containerenv', '', 'podman', 'guest'],
    ['/proc/1/environ', 'a=b\0container=lxc\0', 'lxc', 'guest'],
    ['/proc/1/cgroup', '0::/kubepods.slice/pod1\n', 'kubernetes', 'guest'],
  ])('know by %s (%j) that it is %s, a %s', (path, content, system, role) => {
    write(path, content);
    expect(readPlatform(root).facts).toMatchObject({ VirtualizationSystem: system, VirtualizationRole: role });
  });

  it('speak of the host, and not of the container, where the host’s processes are seen', () => {
    write('/.dockerenv', '');
    write('/proc/2/comm', 'kthreadd\n');
    write('/proc/cpuinfo', CPU_INFO);
    expect(readPlatform(root).facts).toMatchObject({ VirtualizationSystem: 'kvm', VirtualizationRole: 'guest' });
  });

  it('keeps an equals sign in the value of an argument', () => {
    expect(parseCommandLine('a=b=c d')).toEqual({ a: 'b=c', d: true });
  });

  it('are of the distribution below the root that is named for the host, and of our own one without', () => {
    write('/host/usr/lib/os-release', 'ID=fedora\nVERSION_ID=44\n');
    write('/host/var/lib/cloud/data/instance-id', 'i-0123\n');
    write('/etc/os-release', 'ID=debian\nVERSION_ID="12"\n');
    const hostRoot = findHostRoot(`${root}/host/`);
    expect(hostRoot).toEqual({ path: `${root}/host` });
    expect(readPlatform(root, hostRoot).facts).toMatchObject({ Platform: 'fedora', PlatformVersion: '44', InstanceID: 'i-0123' });
    expect(readPlatform(root).facts).toMatchObject({ Platform: 'debian', PlatformVersion: '12' });
  });

  it('say that the root named for the host is none', () => {
    const nowhere = findHostRoot(`${root}/nowhere`);
    const { facts, problems } = readPlatform(root, nowhere);
    expect(problems).toEqual([`agent.hostRoot ${root}/nowhere has no etc/os-release: the host's / is not there`]);
    expect(facts.Platform).toBeUndefined();
  });
});
