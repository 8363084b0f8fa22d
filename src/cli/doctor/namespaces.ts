import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ok, reasonOf, warn, type Check, type Finding } from './check.js';

const NAME = 'namespaces';
const ADVICE =
  'Give the agent CAP_SYS_ADMIN: as root, AmbientCapabilities in systemd, --cap-add SYS_ADMIN in a container, with a profile that allows setns (apparmor=unconfined); see docs/deploy-agent.md.';

/** Proves that namespaces can be looked into by going into one and back: flags say little inside a container. */
export const checkNamespaces: Check = async (config) => {
  if (process.platform !== 'linux' || !config.agent.probes.some((name) => name === 'netlink' || name === 'netns')) return [];
  return [await enterOne()];
};

async function enterOne(): Promise<Finding> {
  try {
    const { cookieOfNamespace, prepareNamespaces, withNamespace } = await import('../../../agent/linux/namespace.js');
    await prepareNamespaces();
    return await withOne((path) => {
      const cookie = withNamespace(path, ({ fd }) => cookieOfNamespace(fd));
      return ok(NAME, `one was entered and left again${cookie === undefined ? '; this kernel gives them no cookie (5.14 does)' : ''}`);
    });
  } catch (error) {
    return warn(NAME, `none can be entered: ${reasonOf(error)}; an agent sees its own only`, ADVICE);
  }
}

/** A namespace made for this, where that is allowed; its own otherwise, which is entered in the same way. */
async function withOne(use: (path: string) => Finding): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'canopy-doctor-'));
  const path = join(folder, 'net');
  const run = promisify(execFile);
  let isMade = false;
  try {
    await writeFile(path, '');
    try {
      await run('unshare', [`--net=${path}`, 'true']);
      isMade = true;
    } catch {
      // No such program, or not allowed to mount here.
    }
    return use(isMade ? path : '/proc/self/ns/net');
  } finally {
    if (isMade) await run('umount', [path]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }
}
