import { existsSync, readFileSync, statSync } from 'node:fs';
import { arch, hostname, platform, release, totalmem } from 'node:os';
import type { Json, JsonObject } from '../../../src/common/json.js';
import { parseCpus, parseIsolated } from './cpu.js';

/** What could be read, and what was there and made no sense, one line each. */
export interface Platform {
  readonly facts: JsonObject;
  readonly problems: readonly string[];
}

/** Facts about the machine, read from files below `root`, each left out when it cannot be read. */
export function readPlatform(root = ''): Platform {
  const read: Read = (path) => readBelow(root, path);
  const hostRoot = root === '' ? rootOfHost() : root;
  /** Of the distribution that the host runs, which in a container is another one than ours. */
  const readOfHost: Read = (path) => readBelow(hostRoot, path);
  const problems: string[] = [];
  const cpus = parseCpus(read('/proc/cpuinfo') ?? '', (cpu) => {
    const kiloHertz = Number(read(`/sys/devices/system/cpu/cpu${cpu}/cpufreq/cpuinfo_max_freq`));
    return kiloHertz > 0 ? Math.round(kiloHertz / 1000) : undefined;
  });
  const isolated = isolatedCpus(read, problems);
  const commandLine = read('/proc/cmdline');
  const facts = present({
    Hostname: hostname(),
    InstanceID: readOfHost('/var/lib/cloud/data/instance-id'),
    OS: platform(),
    ...distribution(readOfHost('/etc/os-release') ?? ''),
    PlatformVersion: distributionVersion(readOfHost),
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
  return { facts, problems };
}

type Read = (path: string) => string | undefined;

function readBelow(root: string, path: string): string | undefined {
  try {
    return readFileSync(`${root}${path}`, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where the host's own files begin: `''` for our own root; that of its first process where we are in a container with the host's
 * processes and may look (SYS_PTRACE).
 */
function rootOfHost(): string {
  const isElsewhere = (root: string): boolean => {
    try {
      const [theirs, ours] = [statSync(`${root}/`), statSync('/')];
      return (theirs.dev !== ours.dev || theirs.ino !== ours.ino) && existsSync(`${root}/etc/os-release`);
    } catch {
      return false;
    }
  };
  return readBelow('', KERNEL_THREAD) === 'kthreadd' ? (['/proc/1/root', '/proc/2/root'].find(isElsewhere) ?? '') : '';
}

/** Its name, where the processes that we see are the host's. */
const KERNEL_THREAD = '/proc/2/comm';

function isolatedCpus(read: Read, problems: string[]): number[] {
  const path = '/sys/devices/system/cpu/isolated';
  try {
    return parseIsolated(read(path) ?? '');
  } catch (error) {
    problems.push(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

const present = (facts: Readonly<Record<string, Json | undefined>>): JsonObject =>
  Object.fromEntries(Object.entries(facts).filter((entry): entry is [string, Json] => entry[1] !== undefined));

/** Made from Red Hat's, and do not say so: theirs is like Fedora. */
const RED_HATS = new Set(['rhel', 'ol', 'amzn', 'centos']);

/** os-release(5): `ID=debian`, values with or without quotes. */
function distribution(osRelease: string): Record<string, string | undefined> {
  const value = (key: string): string | undefined => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1];
  const id = value('ID');
  const like = value('ID_LIKE')?.split(' ') ?? [];
  const isRedHat = id !== undefined && (RED_HATS.has(id) || like.includes('rhel'));
  return { Platform: id, PlatformFamily: isRedHat ? 'rhel' : (like[0] ?? id) };
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

/** Kernel modules of machines that have guests. */
const HOST_MODULES: readonly (readonly [module: string, system: string])[] = [
  ['kvm', 'kvm'],
  ['vboxdrv', 'vbox'],
];

/** Control groups of containers, for engines that leave no other mark. */
const CONTAINER_GROUPS: readonly (readonly [pattern: RegExp, system: string])[] = [
  [/\/docker[/-]/, 'docker'],
  [/\/libpod-/, 'podman'],
  [/\/kubepods[/.]/, 'kubernetes'],
  [/\/lxc[./]/, 'lxc'],
];

/** A container is a guest on its own where it does not see the host's processes; an agent in a container that does speaks for the host. */
function virtualization(read: Read, exists: (path: string) => boolean): Record<string, string | undefined> {
  const container = read(KERNEL_THREAD) === 'kthreadd' ? undefined : containerSystem(read, exists);
  if (container !== undefined) return { VirtualizationSystem: container, VirtualizationRole: 'guest' };
  if (/control_d/.test(read('/proc/xen/capabilities') ?? '')) return { VirtualizationSystem: 'xen', VirtualizationRole: 'host' };
  const maker = `${read('/sys/class/dmi/id/sys_vendor') ?? ''} ${read('/sys/class/dmi/id/product_name') ?? ''}`;
  const known = HYPERVISORS.find(([pattern]) => pattern.test(maker))?.[1] ?? (read('/sys/hypervisor/type') === 'xen' ? 'xen' : undefined);
  const isGuest = /^flags\s*:.*\bhypervisor\b/m.test(read('/proc/cpuinfo') ?? '');
  if (known !== undefined || isGuest) return { VirtualizationSystem: known ?? 'kvm', VirtualizationRole: 'guest' };
  if (exists('/proc/bc/0')) return { VirtualizationSystem: 'openvz', VirtualizationRole: 'host' };
  const modules = read('/proc/modules') ?? '';
  const host = HOST_MODULES.find(([module]) => new RegExp(`^${module}\\s`, 'm').test(modules))?.[1];
  return host === undefined ? {} : { VirtualizationSystem: host, VirtualizationRole: 'host' };
}

function containerSystem(read: Read, exists: (path: string) => boolean): string | undefined {
  if (exists('/.dockerenv')) return 'docker';
  if (exists('/run/.containerenv')) return 'podman';
  const environment = /(?:^|\0)container=([^\0]+)/.exec(read('/proc/1/environ') ?? '')?.[1];
  const groups = read('/proc/1/cgroup') ?? '';
  return environment ?? CONTAINER_GROUPS.find(([pattern]) => pattern.test(groups))?.[1];
}
