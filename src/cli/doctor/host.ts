import { readFile, readlink } from 'node:fs/promises';
import { ok, reasonOf, warn, type Check } from './check.js';

const ADVICE = 'In a container the agent needs the host’s network and processes: --network host --pid host; see docs/deploy-agent.md.';

/** The kernel's own thread is process 2 on every host, in its first namespaces, and seen in no container with processes of its own. */
export const KTHREADD = '2';

/** Whether what is watched from here is the host: its processes, and its network. */
export const checkHost: Check = async ({ agent }) => {
  if (process.platform !== 'linux' || !agent.probes.some((name) => name === 'netlink' || name === 'netns')) return [];
  const second = await readFile(`/proc/${KTHREADD}/comm`, 'utf8').catch(() => '');
  if (second.trim() !== 'kthreadd') {
    const says = 'its processes are not seen from here: namespaces without a name are not found, and whose network this is cannot be told';
    return [warn('host', says, ADVICE)];
  }
  const seen = ok('host', 'its processes are seen from here');
  const [ours, first] = await Promise.all(['self', KTHREADD].map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => undefined)));
  if (first === undefined) return [seen, ok('network', 'whether it is the host’s cannot be told without CAP_SYS_PTRACE')];
  if (ours === first) return [seen, ok('network', 'is the host’s')];
  return [seen, warn('network', `is ${ours}, and the host’s is ${first}: an agent takes the links here for the host’s own`, ADVICE)];
};

/** Whether what is said of the host's distribution and instance is the host's own. */
export const checkHostRoot: Check = async ({ agent }) => {
  if (process.platform !== 'linux' || !agent.probes.includes('host')) return [];
  const NAME = 'host root';
  try {
    const { findHostRoot, readPlatform } = await import('../../../agent/probes/host/platform.js');
    const root = findHostRoot(agent.hostRoot);
    if (root.problem !== undefined) return [warn(NAME, root.problem, ROOT_ADVICE)];
    const { Platform = 'an unknown distribution', PlatformVersion = '', InstanceID } = readPlatform('', root).facts;
    const instance = InstanceID === undefined ? '' : `, instance ${String(InstanceID)}`;
    return [ok(NAME, `${root.path === '' ? '/' : root.path} is of ${`${String(Platform)} ${String(PlatformVersion)}`.trim()}${instance}`)];
  } catch (error) {
    return [warn(NAME, `cannot be read: ${reasonOf(error)}`, ROOT_ADVICE)];
  }
};

const ROOT_ADVICE =
  'Give the container the host’s processes (--pid host --cap-add SYS_PTRACE), or mount the host’s / there (-v /:/host:ro) and set agent.hostRoot=/host; see docs/deploy-agent.md.';
