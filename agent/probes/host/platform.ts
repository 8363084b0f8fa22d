import { existsSync, readFileSync, statSync } from 'node:fs';
import { arch, hostname, platform, release, totalmem } from 'node:os';
import type { Json, JsonObject } from '../../../src/common/json.js';
import { parseCpus, parseIsolated } from './cpu.js';

/** What could be read, and what was there and made no sense, one line each. */
export interface Platform {
  readonly facts: JsonObject;
  readonly problems: readonly string[];
}

/** Facts about the machine, read from files below `root`, those of the distribution below the host's own root; each left out when it cannot be read. */
export function readPlatform(root = '', hostRoot: HostRoot = { path: root }): Platform {
  const read: Read = (path) => readBelow(root, path);
  const readOfHost: Read = (path) => readBelow(hostRoot.path, path);
  const problems = hostRoot.problem === undefined ? [] : [hostRoot.problem];
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
    ...distribution(osRelease(readOfHost) ?? ''),
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

/** os-release(5): the first is mostly a link, and one to an absolute path leads elsewhere when it is seen from a container. */
const osRelease = (read: Read): string | undefined => read('/etc/os-release') ?? read('/usr/lib/os-release');

type Read = (path: string) => string | undefined;

function readBelow(root: string, path: string): string | undefined {
  try {
    return readFileSync(`${root}${path}`, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Where the host's own files begin: `''` for our own root. */
export interface HostRoot {
  readonly path: string;
  /** Why it may not be the host's. */
  readonly problem?: string;
}

/**
 * What is configured; otherwise the root of the host's first processes where we are in a container that has them and may look (SYS_PTRACE),
 * and our own one everywhere else.
 */
export function findHostRoot(configured: string | undefined): HostRoot {
  if (configured !== undefined) {
    const path = configured.replace(/\/+$/, '');
    if (osRelease((file) => readBelow(path, file)) !== undefined) return { path };
    return { path, problem: `agent.hostRoot ${configured} has no etc/os-release: the host's / is not there` };
  }
  if (readBelow('', KERNEL_THREAD) !== 'kthreadd') {
    const container = containerSystem((file) => readBelow('', file), existsSync);
    return container === undefined
      ? { path: '' }
      : { path: '', problem: `the distribution is that of this ${container} container: set agent.hostRoot` };
  }
  return { path: FIRST_ROOTS.find(isElsewhere) ?? '' };
}

/** Roots of the first process and of the kernel's own first thread: of another one with more rights than ours we may not see it. */
const FIRST_ROOTS = ['/proc/1/root', '/proc/2/root'];

/** Not where it may not be looked at: whether we are in a container then cannot be told. */
function isElsewhere(root: string): boolean {
  try {
    const [theirs, ours] = [statSync(`${root}/`), statSync('/')];
    return theirs.dev !== ours.dev || theirs.ino !== ours.ino;
  } catch {
    return false;
  }
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
function distribution(release: string): Record<string, string | undefined> {
  const value = (key: string): string | undefined => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(release)?.[1];
  const id = value('ID');
  const like = value('ID_LIKE')?.split(' ') ?? [];
  const isRedHat = id !== undefined && (RED_HATS.has(id) || like.includes('rhel'));
  return { Platform: id, PlatformFamily: isRedHat ? 'rhel' : (like[0] ?? id) };
}

/** Debian's os-release has no minor version; its own file does. */
function distributionVersion(read: Read): string | undefined {
  const release = osRelease(read) ?? '';
  const debian = /^ID="?debian"?$/m.test(release) ? read('/etc/debian_version') : undefined;
  return debian ?? /^VERSION_ID="?([^"\n]*)"?$/m.exec(release)?.[1];
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
