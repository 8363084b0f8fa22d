import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { ip } from '../network.js';

/** Says that the process is in name spaces of its own already. */
const INSIDE = '--inside';

/** Name of the machine that the pictures show. */
export const TOWN = 'edge-1';

/**
 * Runs the script again in network, mount, process and host name spaces of its own, and ends with it: names are what they should be in a
 * picture, and nothing else of the machine is in it. Returns at once in there.
 */
export function goInside(): void {
  const at = process.argv.indexOf(INSIDE);
  if (at < 0) {
    const again = [...process.execArgv, ...process.argv.slice(1), INSIDE];
    const { status } = spawnSync('unshare', ['--net', '--mount', '--uts', '--pid', '--fork', '--mount-proc', process.execPath, ...again], {
      stdio: 'inherit',
    });
    process.exit(status ?? 1);
  }
  process.argv.splice(at, 1);
  spawnSync('mkdir', ['-p', '/run/netns']);
  for (const command of [
    ['mount', '-t', 'tmpfs', 'tmpfs', '/run/netns'],
    ['hostname', TOWN],
    ['ip', 'link', 'set', 'lo', 'up'],
  ] as const) {
    const { status } = spawnSync(command[0], command.slice(1), { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command.join(' ')} failed: the pictures need root`);
  }
}

/** Namespaces behind the bridges, by the bridge. */
const STREETS = { br0: ['web', 'api', 'db', 'cache'], br1: ['build', 'logs'] } as const;

/** A small lively network: two bridges with namespaces, an uplink, a tunnel, and who talks with whom. */
export interface Town {
  /** Something goes, something comes. */
  change(): void;
  close(): void;
}

export function openTown(): Town {
  ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1');
  ip('address', 'add', '192.0.2.10/24', 'dev', 'eth0');
  ip('link', 'add', 'vxlan100', 'type', 'vxlan', 'id', '100', 'dstport', '4789', 'dev', 'eth0');
  for (const link of ['eth0', 'eth1', 'vxlan100']) ip('link', 'set', link, 'up');
  Object.entries(STREETS).forEach(([bridge, roles], street) => {
    ip('link', 'add', bridge, 'type', 'bridge');
    ip('link', 'set', bridge, 'up');
    roles.forEach((role, index) => {
      ip('netns', 'add', role);
      ip('-n', role, 'link', 'set', 'lo', 'up');
      ip('link', 'add', `v-${role}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', role);
      ip('link', 'set', `v-${role}`, 'master', bridge, 'up');
      ip('-n', role, 'address', 'add', `10.20.${street}.${index + 11}/24`, 'dev', 'eth0');
      ip('-n', role, 'link', 'set', 'eth0', 'up');
      ip('-n', role, 'route', 'add', 'default', 'via', `10.20.${street}.1`);
    });
    ip('address', 'add', `10.20.${street}.1/24`, 'dev', bridge);
  });
  ip('link', 'set', 'vxlan100', 'master', 'br1');
  ip('link', 'add', 'spare0', 'type', 'veth', 'peer', 'name', 'spare1');
  const talking = [
    ...serve('web', 80, 40_000),
    ...serve('db', 5432, 300_000),
    ...visit('api', 'http://10.20.0.11/', 200),
    ...visit('web', 'http://10.20.0.13:5432/', 300),
    ...visit('cache', 'http://10.20.0.13:5432/', 900),
    run('build', 'ping', '-q', '-i', '0.02', '-s', '1200', '10.20.1.12'),
    run('api', 'ping', '-q', '-i', '0.5', '10.20.0.14'),
  ];
  return {
    change() {
      ip('link', 'del', 'spare0');
      ip('netns', 'add', 'canary');
      ip('link', 'add', 'v-canary', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', 'canary');
      ip('link', 'set', 'v-canary', 'master', 'br0', 'up');
      ip('-n', 'canary', 'link', 'set', 'eth0', 'up');
      ip('-n', 'logs', 'link', 'set', 'eth0', 'mtu', '1400');
    },
    close() {
      for (const child of talking) child.kill('SIGKILL');
    },
  };
}

const run = (namespace: string, ...command: readonly string[]): ChildProcess =>
  spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: 'ignore' });

/** A server of HTTP that answers with so many bytes. */
const serve = (namespace: string, port: number, bytes: number): readonly ChildProcess[] => [
  run(namespace, process.execPath, '-e', `require('http').createServer((_, answer) => answer.end(Buffer.alloc(${bytes}))).listen(${port})`),
];

/** Asks for a page, again and again. */
const visit = (namespace: string, url: string, everyMs: number): readonly ChildProcess[] => [
  run(
    namespace,
    process.execPath,
    '-e',
    `setInterval(() => fetch('${url}').then((answer) => answer.arrayBuffer()).catch(() => undefined), ${everyMs})`,
  ),
];
