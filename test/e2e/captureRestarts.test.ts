import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { EtcdServer } from '../registry/homes.js';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { ask, data, eventually } from './graphqlOverHttp.js';
import { ip, Network, uniquePrefix } from './network.js';

// Three kinds of processes are killed and come back, each more than once.
vi.setConfig({ testTimeout: 240_000 });
interface Shown {
  readonly capture: {
    readonly activities: readonly {
      readonly state: string;
      readonly error: string | null;
      readonly node: { readonly name: string } | null;
    }[];
  } | null;
}

describeWith([root, program('ip'), program('etcd')], 'a capture that is kept in etcd', () => {
  let network: Network;
  let prefix: string;
  let folder: string;
  let processes: CanopyProcess[];
  let etcd: EtcdServer;
  beforeEach(async () => {
    network = new Network();
    prefix = uniquePrefix();
    folder = mkdtempSync(join(tmpdir(), 'canopy-restarts-'));
    processes = [];
    const name = network.addNamespace(prefix);
    network.addLink(`${prefix}0`, 'type', 'veth', 'peer', 'name', 'up0', 'netns', name);
    ip('address', 'add', '10.222.0.1/24', 'dev', `${prefix}0`);
    ip('link', 'set', `${prefix}0`, 'up');
    ip('-n', name, 'address', 'add', '10.222.0.2/24', 'dev', 'up0');
    ip('-n', name, 'link', 'set', 'up0', 'up');
    etcd = await EtcdServer.start();
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.end('SIGKILL')));
    network.clear();
    await etcd.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (...launching: Parameters<typeof launch>): Promise<CanopyProcess> => {
    const process = await launch(...launching);
    processes.push(process);
    return process;
  };
  const startAnalyzer = (port = 0): Promise<CanopyProcess> =>
    start([
      ...['analyzer', '--listen', `0.0.0.0:${port}`, '--insecure', '--data-dir', join(folder, 'analyzer')],
      ...['--set', `registry.etcd.endpoints=${etcd.url}`],
    ]);
  const startAgent = (port: string): Promise<CanopyProcess> =>
    start(
      ['agent', '--analyzer', `http://10.222.0.1:${port}`, '--data-dir', join(folder, 'agent'), '--set', 'agent.allow.capture=always'],
      {
        namespace: prefix,
        env: { CANOPY_AGENT_HOST_ID: prefix, CANOPY_AGENT_NETNS_RUN_PATHS: '', CANOPY_AGENT_NETNS_PROCESSES: 'false' },
        ready: /^canopy agent ready/,
      },
    );

  it('runs again after each of agent, analyzer and etcd was killed, and follows the links that match', async () => {
    let analyzer = await startAnalyzer();
    const { port } = new URL(analyzer.url);
    const url = `http://127.0.0.1:${port}`;
    let agent = await startAgent(port);
    const CREATE = 'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }';
    const { createCapture } = await data<{ createCapture: { capture: { id: string } } }>(url, CREATE, {
      input: { nodes: { host: { eq: prefix }, name: { startsWith: 'up' } }, bpf: 'icmp' },
    });
    const { id } = createCapture.capture;
    /** Names of nodes on which it runs; nothing while nobody answers. */
    const running = async (): Promise<string> => {
      const SHOW = 'query ($id: ID!) { capture(id: $id) { activities { state error node { name } } } }';
      const answer = await ask<Shown>(url, SHOW, { id }).catch(() => undefined);
      const activities = answer?.data?.capture?.activities ?? [];
      const active = activities.filter(({ state }) => state === 'ACTIVE').map(({ node }) => node?.name);
      return active.length === activities.length ? active.sort().join() : `${active.join()} of ${JSON.stringify(activities)}`;
    };
    const runsOn = (names: string): Promise<string> => eventually(running, (shown) => shown === names);
    await runsOn('up0');

    // Comes and goes with the links.
    ip('-n', prefix, 'link', 'add', 'up1', 'type', 'bridge');
    ip('-n', prefix, 'link', 'set', 'up1', 'up');
    await runsOn('up0,up1');
    ip('-n', prefix, 'link', 'set', 'up1', 'down');
    ip('-n', prefix, 'link', 'set', 'up1', 'name', 'away');
    await runsOn('up0');

    await agent.end('SIGKILL');
    agent = await startAgent(port);
    await runsOn('up0');

    await analyzer.end('SIGKILL');
    analyzer = await startAnalyzer(Number(port));
    await runsOn('up0');

    // While etcd is away everything that is known goes on.
    await etcd.down();
    ip('-n', prefix, 'link', 'set', 'away', 'name', 'up2');
    ip('-n', prefix, 'link', 'set', 'up2', 'up');
    await runsOn('up0,up2');
    const input = { nodes: { host: { eq: prefix }, name: { eq: 'up0' } }, bpf: 'udp' };
    expect((await ask(url, CREATE, { input })).errors?.[0]?.extensions?.code).toBe('STORE_UNAVAILABLE');
    await etcd.up();
    await eventually(
      () => ask(url, CREATE, { input }),
      ({ errors }) => errors === undefined || errors[0]?.extensions?.code === 'CONFLICT',
    );

    // All at once; an analyzer that is there before etcd finds it.
    await Promise.all([agent.end('SIGKILL'), analyzer.end('SIGKILL'), etcd.down()]);
    analyzer = await startAnalyzer(Number(port));
    agent = await startAgent(port);
    await etcd.up();
    await runsOn('up0,up2');
    const { captures } = await data<{ captures: { nodes: { bpf: string }[] } }>(url, '{ captures { nodes { bpf } } }');
    expect(captures.nodes.map(({ bpf }) => bpf)).toEqual(['icmp', 'udp']);

    await data(url, 'mutation ($id: ID!) { deleteCapture(id: $id) { capture { id } } }', { id });
    const CAPTURED = '{ nodes(filter: { metadata: [{ path: "Captures.ID", string: { eq: "ID" } }] }) { totalCount } }'.replace(
      '"ID"',
      `"${id}"`,
    );
    await eventually(
      () => data<{ nodes: { totalCount: number } }>(url, CAPTURED),
      ({ nodes }) => nodes.totalCount === 0,
    );
  });
});
