import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** How a container differs from what docs/deploy-agent.md asks for. */
export interface Flaws {
  /** Its own processes instead of the host's. */
  readonly ownProcesses?: boolean;
  /** A network of its own. */
  readonly ownNetwork?: boolean;
  /** Names given later do not arrive. */
  readonly isPrivate?: boolean;
  /** A folder that it has at /host, as another host's files. */
  readonly hostRoot?: string;
  /** Capabilities; those of the page otherwise. */
  readonly capabilities?: readonly string[];
}

/** Where containers are made. */
export interface Engine {
  /** A folder of the host in which namespaces have names; containers have it at /var/run/netns. */
  readonly names: string;
  /** Words that stand before a command so that it runs in a new container: root read-only, the state folder at /state. */
  wrapper(flaws?: Flaws): string[];
  close(): Promise<void>;
}

const CAPABILITIES = ['SYS_ADMIN', 'SYS_PTRACE', 'NET_ADMIN', 'SETPCAP'] as const;
const REPOSITORY = new URL('../../', import.meta.url).pathname.replace(/\/$/, '');
/** What stands for an image: the host's programs, and ours. */
const PROGRAMS = [...new Set(['/usr', '/bin', '/lib', '/lib64', dirname(dirname(realpathSync(process.execPath))), REPOSITORY])].filter(
  (path) => existsSync(path),
);

/** A folder of the host whose mounts reach containers, as /run is on a host with systemd. */
function sharedFolder(): { folder: string; names: string } {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-container-'));
  const names = join(folder, 'netns');
  for (const name of ['netns', 'state', 'root']) mkdirSync(join(folder, name));
  execFileSync('mount', ['--bind', names, names]);
  execFileSync('mount', ['--make-shared', names]);
  return { folder, names };
}

function removeFolder(folder: string): void {
  // The daemon leaves its name for the host's namespace behind.
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.reverse()) execFileSync('umount', ['--lazy', path]);
  rmSync(folder, { recursive: true, force: true });
}

/** Containers from what the kernel has for them: namespaces, a root of their own that is read-only, a bounding set. */
export function kernelEngine(): Engine {
  const { folder, names } = sharedFolder();
  const root = join(folder, 'root');
  const make = `
    root=$1 names=$2 state=$3 private=$4 processes=$5 host=$6; shift 6
    mount -t tmpfs container "$root"
    mkdir -p "$root"/{proc,tmp,state,host,var/run/netns,etc}
    mount -t tmpfs temporary "$root/tmp"
    for path in ${PROGRAMS.join(' ')}; do
      mkdir -p "$root$path"; mount --bind "$path" "$root$path"; mount -o remount,bind,ro "$root$path"
    done
    mount --bind "$state" "$root/state"
    [ -z "$host" ] || mount --bind "$host" "$root/host"
    if [ "$processes" = own ]; then mount -t proc proc "$root/proc"; else mount --rbind /proc "$root/proc"; fi
    mount --rbind "$names" "$root/var/run/netns"; mount -o remount,bind,ro "$root/var/run/netns"
    [ "$private" = no ] || mount --make-rprivate "$root/var/run/netns"
    mount -o remount,ro "$root"
    exec chroot "$root" "$@"`;
  return {
    names,
    wrapper({ ownProcesses = false, ownNetwork = false, isPrivate = false, hostRoot, capabilities = CAPABILITIES } = {}) {
      const namespaces = [...(ownProcesses ? ['--pid', '--fork'] : []), ...(ownNetwork ? ['--net'] : [])];
      const bounding = ['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',');
      return [
        ...['unshare', '--mount', '--propagation', 'slave', ...namespaces, 'bash', '-euc', make, 'make'],
        ...[root, names, join(folder, 'state'), isPrivate ? 'yes' : 'no', ownProcesses ? 'own' : 'host', hostRoot ?? ''],
        ...['setpriv', `--bounding-set=${bounding}`, '--inh-caps=-all', '--ambient-caps=-all', '--'],
      ];
    },
    close() {
      removeFolder(folder);
      return Promise.resolve();
    },
  };
}

/** Containers of a real docker daemon of its own. */
export interface DockerEngine extends Engine {
  /** Where it names the namespaces of its containers. */
  readonly sandboxes: string;
  docker(...args: string[]): string;
  /** `docker run` with the host's programs in place of an image. */
  run(...args: string[]): string;
}

/** Milliseconds that the daemon may take to start or end on a busy machine. */
const PATIENCE = 60_000;

export async function dockerEngine(): Promise<DockerEngine> {
  const { folder, names } = sharedFolder();
  const path = (name: string): string => join(folder, name);
  const daemon = spawn(
    'dockerd',
    [
      ...['--data-root', path('data'), '--exec-root', path('exec'), '--pidfile', path('pid'), '-H', `unix://${path('socket')}`],
      ...['--storage-driver', 'vfs', '--bridge', 'none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-4_000)));
  const docker = (...args: string[]): string =>
    execFileSync('docker', ['-H', `unix://${path('socket')}`, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const close = async (): Promise<void> => {
    await end(daemon);
    removeFolder(folder);
  };
  try {
    await answers(docker, daemon, () => log);
    execFileSync('sh', ['-c', `tar -C ${path('root')} -cf ${path('image.tar')} .`]);
    docker('import', path('image.tar'), 'canopy-empty:1');
  } catch (error) {
    await close();
    throw error;
  }
  const image = [...PROGRAMS.flatMap((program) => ['-v', `${realpathSync(program)}:${program}:ro`]), 'canopy-empty:1'];
  return {
    names,
    sandboxes: path('exec/netns'),
    docker,
    run: (...args) => {
      const command = args.indexOf('--');
      return docker('run', '--read-only', ...args.slice(0, command), ...image, ...args.slice(command + 1));
    },
    wrapper({ ownProcesses = false, ownNetwork = false, isPrivate = false, hostRoot, capabilities = CAPABILITIES } = {}) {
      return [
        ...['docker', '-H', `unix://${path('socket')}`, 'run', '--rm', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL'],
        ...capabilities.flatMap((name) => ['--cap-add', name]),
        ...(ownProcesses ? [] : ['--pid', 'host']),
        ...['--network', ownNetwork ? 'none' : 'host'],
        ...['-v', `${names}:/var/run/netns:ro,${isPrivate ? 'rprivate' : 'rslave'}`, '-v', `${path('state')}:/state`],
        ...(hostRoot === undefined ? [] : ['-v', `${hostRoot}:/host:ro`]),
        ...image,
      ];
    },
    close,
  };
}

async function answers(docker: DockerEngine['docker'], daemon: ChildProcess, log: () => string): Promise<void> {
  const until = Date.now() + PATIENCE;
  for (;;) {
    try {
      return void docker('version');
    } catch (error) {
      if (daemon.exitCode !== null || Date.now() > until) throw new Error(`dockerd does not answer\n${log()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const exited = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  const timer = setTimeout(() => daemon.kill('SIGKILL'), PATIENCE);
  await exited;
  clearTimeout(timer);
}
