import { existsSync, readFileSync } from 'node:fs';
import { arch, hostname, platform, release, totalmem } from 'node:os';
import type { Json, JsonObject } from '../../../src/common/json.js';
import { parseCpus, parseIsolated } from './cpu.js';

/** Facts about the machine, read from files below `root`, each left out when it cannot be read. */
export function readPlatform(root = ''): JsonObject {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(`${root}${path}`, 'utf8').trim() || undefined;
    } catch {
      return undefined;
    }
  };
  const cpus = parseCpus(read('/proc/cpuinfo') ?? '', (cpu) => {
    const kiloHertz = Number(read(`/sys/devices/system/cpu/cpu${cpu}/cpufreq/cpuinfo_max_freq`));
    return kiloHertz > 0 ? Math.round(kiloHertz / 1000) : undefined;
  });
  const isolated = parseIsolated(read('/sys/devices/system/cpu/isolated') ?? '');
  const commandLine = read('/proc/cmdline');
  return present({
    Hostname: hostname(),
    InstanceID: read('/var/lib/cloud/data/instance-id'),
    OS: platform(),
    ...distribution(read('/etc/os-release') ?? ''),
    PlatformVersion: distributionVersion(read),
    KernelVersion: release(),
    KernelCmdLine: commandLine === undefined ? undefined : parseCommandLine(commandLine),
    Architecture: arch(),
    CPU: cpus.length > 0 ? cpus : undefined,
    CPUCount: cpus.length > 0 ? cpus.length : undefined,
    CPUModel: cpus[0]?.ModelName,
    IsolatedCPU: isolated.length > 0 ? isolated : undefined,
    MemoryTotal: totalmem(),
    ...virtualization(read, (path) => existsSync(`${root}${path}`)),
  });
}

type Read = (path: string) => string | undefined;

const present = (facts: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, Json] => entry[1] !== undefined));

/** os-release(5): `ID=debian`, values with or without quotes. */
function distribution(osRelease: string): Record<string, string | undefined> {
  const value = (key: string): string | undefined => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1];
  const id = value('ID');
  return { Platform: id, PlatformFamily: value('ID_LIKE')?.split(' ')[0] ?? id };
}

/** Debian's os-release has no minor version; its own file does. */
function distributionVersion(read: Read): string | undefined {
  const osRelease = read('/etc/os-release') ?? '';
  const debian = /^ID="?debian"?$/m.test(osRelease) ? read('/etc/debian_version') : undefined;
  return debian ?? /^VERSION_ID="?([^"\n]*)"?$/m.exec(osRelease)?.[1];
}

/** `quiet root=/dev/vda "a=b c"` as an object; an argument without a value is `true`. */
export function parseCommandLine(line: string): JsonObject {
  const facts: Record<string, Json> = {};
  for (const argument of line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []) {
    const plain = argument.replaceAll('"', '');
    const equals = plain.indexOf('=');
    if (equals > 0) facts[plain.slice(0, equals)] = plain.slice(equals + 1);
    else facts[plain] = true;
  }
  return facts;
}

/** Makers' names in DMI, and what they stand for. */
const HYPERVISORS: readonly (readonly [pattern: RegExp, system: string])[] = [
  [/qemu|kvm|amazon ec2|google|openstack|nitro|firecracker/i, 'kvm'],
  [/vmware/i, 'vmware'],
  [/virtualbox|innotek/i, 'vbox'],
  [/xen/i, 'xen'],
  [/microsoft/i, 'hyperv'],
  [/parallels/i, 'parallels'],
];

function virtualization(read: Read, exists: (path: string) => boolean): Record<string, string | undefined> {
  const container = containerSystem(read, exists);
  if (container !== undefined) return { VirtualizationSystem: container, VirtualizationRole: 'guest' };
  const maker = `${read('/sys/class/dmi/id/sys_vendor') ?? ''} ${read('/sys/class/dmi/id/product_name') ?? ''}`;
  const known = HYPERVISORS.find(([pattern]) => pattern.test(maker))?.[1] ?? (read('/sys/hypervisor/type') === 'xen' ? 'xen' : undefined);
  const isGuest = /^flags\s*:.*\bhypervisor\b/m.test(read('/proc/cpuinfo') ?? '');
  if (known !== undefined || isGuest) return { VirtualizationSystem: known ?? 'kvm', VirtualizationRole: 'guest' };
  if (/^kvm\s/m.test(read('/proc/modules') ?? '')) return { VirtualizationSystem: 'kvm', VirtualizationRole: 'host' };
  return {};
}

function containerSystem(read: Read, exists: (path: string) => boolean): string | undefined {
  if (exists('/.dockerenv')) return 'docker';
  if (exists('/run/.containerenv')) return 'podman';
  const environment = /(?:^|\0)container=([^\0]+)/.exec(read('/proc/1/environ') ?? '')?.[1];
  return environment;
}
