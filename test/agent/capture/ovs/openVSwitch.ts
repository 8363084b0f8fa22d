import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type Lab } from '../../lab.js';

/** An Open vSwitch of its own in a namespace of a lab, with its datapath in user space. */
export class OpenVSwitch {
  private readonly folder = mkdtempSync(join(tmpdir(), 'canopy-ovs-'));
  private readonly children: ChildProcess[] = [];
  private database: ChildProcess | undefined;
  private daemon: ChildProcess | undefined;
  readonly socket = join(this.folder, 'db.sock');

  private constructor(
    private readonly lab: Lab,
    private readonly namespace: string,
  ) {}

  static async start(lab: Lab, namespace: string): Promise<OpenVSwitch> {
    const started = new OpenVSwitch(lab, namespace);
    execFileSync('ovsdb-tool', ['create', join(started.folder, 'conf.db'), '/usr/share/openvswitch/vswitch.ovsschema']);
    await started.startDatabase();
    started.control('--no-wait', 'init');
    started.daemon = started.run(
      'ovs-vswitchd',
      `unix:${started.socket}`,
      `--unixctl=${join(started.folder, 'vs.ctl')}`,
      '--disable-system',
    );
    return started;
  }

  /** One in a new namespace `switch` whose bridge `PREFIXbr` has the ports `PREFIXla` and `PREFIXlb`; their other ends are `PREFIXpa` and `PREFIXpb`. */
  static async startWithBridge(lab: Lab, prefix: string): Promise<OpenVSwitch> {
    lab.addNamespace('switch');
    lab.ipIn('switch', 'link set lo up');
    for (const name of ['a', 'b']) {
      lab.ipIn('switch', `link add ${prefix}l${name} type veth peer name ${prefix}p${name}`);
      for (const end of ['l', 'p']) lab.ipIn('switch', `link set ${prefix}${end}${name} up`);
    }
    const started = await OpenVSwitch.start(lab, 'switch');
    started.addBridge(`${prefix}br`, [`${prefix}la`, `${prefix}lb`]);
    return started;
  }

  /** Starts the database, also again after `stopDatabase`. */
  async startDatabase(): Promise<void> {
    const files = [join(this.folder, 'conf.db'), `--remote=punix:${this.socket}`, `--unixctl=${join(this.folder, 'db.ctl')}`];
    this.database = this.run('ovsdb-server', ...files);
    await eventually(() => {
      try {
        return this.control('--no-wait', 'show') === undefined ? undefined : true;
      } catch {
        return undefined;
      }
    });
  }

  async stopDatabase(): Promise<void> {
    await end(this.database!);
  }

  /** Ends the switch itself: what it made in the kernel, and the database, stay as they are. */
  async stopSwitching(): Promise<void> {
    await end(this.daemon!);
  }

  /** A bridge with these ports, which are interfaces of the namespace. */
  addBridge(name: string, ports: readonly string[] = []): void {
    this.control('add-br', name, '--', 'set', 'bridge', name, 'datapath_type=netdev');
    for (const port of ports) this.control('add-port', name, port);
  }

  /** `ovs-vsctl ARGS`. */
  control(...args: string[]): string {
    return execFileSync('ovs-vsctl', [`--db=unix:${this.socket}`, '--timeout=20', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  private run(...command: string[]): ChildProcess {
    const environment = { ...process.env, OVS_RUNDIR: this.folder, OVS_LOGDIR: this.folder };
    const child = spawn('nsenter', [`--net=${this.lab.path(this.namespace)}`, ...command], { stdio: 'ignore', env: environment });
    this.children.push(child);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.children.splice(0)) await end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
