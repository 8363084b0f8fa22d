import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, reasonOf, warn, type Check, type Finding } from './check.js';
import { KTHREADD } from './host.js';
import { elsewhere, mountOf, parseMounts, type Mount } from './mounts.js';

const NAME = 'names';
const ADVICE =
  'Mount it from the host so that later mounts arrive too: -v /run/netns:/var/run/netns:ro,rslave (HostToContainer in Kubernetes); see docs/deploy-agent.md.';

/** What the host has mounted, and what we see of it. */
interface Views {
  readonly ours: readonly Mount[];
  /** `undefined` when we see the same, or what the host has cannot be read. */
  readonly host: readonly Mount[] | undefined;
}

/** The folders in which namespaces have names: whether one of them can be entered, and whether what the host names is seen here, now and later. */
export const checkRunPaths: Check = async ({ agent }) => {
  if (process.platform !== 'linux' || !agent.probes.includes('netns')) return [];
  const views = {
    ours: await mountsOf('self'),
    host: (await isOwnMountNamespace()) ? undefined : await mountsOf(KTHREADD).catch(() => undefined),
  };
  return Promise.all(agent.netns.runPaths.map((path) => one(path, views)));
};

const mountsOf = async (process: string): Promise<Mount[]> => parseMounts(await readFile(`/proc/${process}/mountinfo`, 'utf8'));

/** Whether we see the host's own mounts; so it is also where that cannot be told. */
async function isOwnMountNamespace(): Promise<boolean> {
  const [ours, first] = await Promise.all(['self', KTHREADD].map((process) => readlink(`/proc/${process}/ns/mnt`).catch(() => undefined)));
  return first === undefined || ours === first;
}

async function one(path: string, { ours, host }: Views): Promise<Finding> {
  const folder = await realpath(path).catch(() => path);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => error);
  if (names instanceof Error) {
    if (names.code === 'ENOTDIR') return enter(path, [folder]);
    if (names.code !== 'ENOENT')
      return warn(NAME, `${path} cannot be read: ${reasonOf(names)}`, 'Give the user of the agent the right to read it.');
    const isOnHost = host?.some(({ path: mounted, type }) => type === 'nsfs' && dirname(mounted).endsWith(path.replace(/^\/var/, '')));
    return isOnHost === true
      ? warn(NAME, `${path} is not there, and the host has namespaces in its own`, ADVICE)
      : ok(NAME, `${path} is not there; the agent waits for it`);
  }
  const { isNamespace } = await import('../../../agent/linux/namespace.js');
  const here = names.filter((name) => isNamespace(join(folder, name)));
  const missing = hostNames(folder, { ours, host }).filter((name) => !here.includes(name));
  if (missing.length > 0) return warn(NAME, `${path} does not show what the host has there: ${missing.slice(0, 3).join(', ')}`, ADVICE);
  if (host !== undefined && mountOf(folder, ours)?.receives === false)
    return warn(NAME, `${path} shows what is there now, and nothing that the host names from now on`, ADVICE);
  return enter(
    path,
    here.map((name) => join(folder, name)),
  );
}

/** Namespaces that have a name on the host, in what is this folder here. */
function hostNames(folder: string, { ours, host = [] }: Views): string[] {
  const folders = new Set(elsewhere(folder, ours, host));
  return host.flatMap(({ path, type }) => (type === 'nsfs' && folders.has(dirname(path)) ? [path.slice(path.lastIndexOf('/') + 1)] : []));
}

/** Goes into the first of them and back. */
async function enter(path: string, namespaces: readonly string[]): Promise<Finding> {
  const [first] = namespaces;
  if (first === undefined) return ok(NAME, `${path} has none yet`);
  try {
    const { cookieOfNamespace, prepareNamespaces, withNamespace } = await import('../../../agent/linux/namespace.js');
    await prepareNamespaces();
    withNamespace(first, ({ fd }) => cookieOfNamespace(fd));
    return ok(NAME, `${path} has ${namespaces.length}; ${first} was entered and left again`);
  } catch (error) {
    return warn(NAME, `${first} cannot be entered: ${reasonOf(error)}`, 'See what is said of namespaces and capabilities above.');
  }
}
