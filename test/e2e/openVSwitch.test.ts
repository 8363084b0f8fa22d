import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OpenVSwitch } from '../agent/capture/ovs/openVSwitch.js';
import { Lab } from '../agent/lab.js';
import { describeWith, program, root } from '../needs.js';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { data, eventually } from './graphqlOverHttp.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** The host that the test makes out of a namespace, and two tenants on its bridge. */
const HOST = 'host';
const TENANTS = ['left', 'right'] as const;

interface Captures {
  readonly captures: { readonly nodes: readonly { readonly activities: readonly Activity[] }[] };
}
interface Activity {
  readonly state: string;
  readonly error: string | null;
  readonly type: string | null;
  readonly packetsReceived: number;
  readonly node: { readonly name: string } | null;
}

describeWith([root, program('ovs-vswitchd'), program('ovsdb-tool'), program('ip')], 'a host with Open vSwitch', () => {
  let lab: Lab;
  let vswitch: OpenVSwitch;
  let folder: string;
  let processes: CanopyProcess[];
  let url: string;
  let agent: CanopyProcess;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'canopy-ovs-e2e-'));
    processes = [];
    lab = new Lab();
    for (const name of [HOST, ...TENANTS]) {
      lab.addNamespace(name);
      lab.ipIn(name, 'link set lo up');
    }
    lab.ip(`link add ${lab.prefix}u type veth peer name up0 netns ${lab.path(HOST)}`);
    lab.ip(`address add 10.225.0.1/24 dev ${lab.prefix}u`);
    lab.ip(`link set ${lab.prefix}u up`);
    lab.ipIn(HOST, 'address add 10.225.0.2/24 dev up0');
    lab.ipIn(HOST, 'link set up0 up');
    TENANTS.forEach((name, at) => {
      lab.ipIn(HOST, `link add tap${name} type veth peer name eth0 netns ${lab.path(name)}`);
      lab.ipIn(HOST, `link set tap${name} up`);
      lab.ipIn(name, `address add 10.226.0.${at + 1}/24 dev eth0`);
      lab.ipIn(name, 'link set eth0 up');
    });
    vswitch = await OpenVSwitch.start(lab, HOST);
    vswitch.addBridge('br0', ['tapleft', 'tapright']);
    const analyzer = await start(['analyzer', '--listen', '0.0.0.0:0', '--insecure', '--data-dir', join(folder, 'analyzer')]);
    url = `http://127.0.0.1:${new URL(analyzer.url).port}`;
    agent = await startAgent();
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.end('SIGKILL')));
    await vswitch.close();
    await lab.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (...launching: Parameters<typeof launch>): Promise<CanopyProcess> => {
    const process = await launch(...launching);
    processes.push(process);
    return process;
  };
  const startAgent = (): Promise<CanopyProcess> =>
    start(
      [
        'agent',
        '--analyzer',
        `http://10.225.0.1:${new URL(url).port}`,
        '--data-dir',
        join(folder, 'agent'),
        '--set',
        'agent.allow.capture=always',
      ],
      {
        wrapper: ['nsenter', `--net=${lab.path(HOST)}`],
        env: {
          CANOPY_AGENT_HOST_ID: lab.hostId,
          CANOPY_AGENT_NETNS_RUN_PATHS: lab.runPath,
          CANOPY_AGENT_NETNS_PROCESSES: 'false',
          CANOPY_AGENT_OVSDB: `unix:${vswitch.socket}`,
          CANOPY_AGENT_FLOW_UPDATE: '1s',
        },
        ready: /^canopy agent ready/,
      },
    );

  const gremlin = async <Result>(query: string): Promise<Result> =>
    (await data<{ gremlin: { json: Result } }>(url, 'query ($query: String!) { gremlin(query: $query) { json } }', { query })).gremlin.json;
  const counts = (query: string, count: number): Promise<number> =>
    eventually(
      () => gremlin<number>(`${query}.Count()`),
      (found) => found === count,
    );
  const create = async (input: Record<string, unknown>): Promise<string> => {
    const document = 'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }';
    return (await data<{ createCapture: { capture: { id: string } } }>(url, document, { input })).createCapture.capture.id;
  };
  const activities = async (id: string): Promise<readonly Activity[]> =>
    (
      await data<{ capture: Captures['captures']['nodes'][number] | null }>(
        url,
        'query ($id: ID!) { capture(id: $id) { activities { state error type packetsReceived node { name } } } }',
        { id },
      )
    ).capture?.activities ?? [];
  const active = (id: string, type: string): Promise<readonly Activity[]> =>
    eventually(
      () => activities(id),
      (found) => found.length > 0 && found.every((one) => one.state === 'ACTIVE' && one.type === type),
    );
  const ping = (): void =>
    void spawnSync('nsenter', [`--net=${lab.path('left')}`, 'ping', '-c', '3', '-i', '0.2', '-W', '1', '10.226.0.2']);
  interface Found {
    readonly nodes: readonly {
      readonly captureNode: { readonly name: string; readonly type: string } | null;
      readonly a: End;
      readonly b: End;
    }[];
  }
  interface End {
    readonly node: { readonly name: string } | null;
  }
  /** Flows between the tenants that the capture has; more is sent until there are some. */
  const flowsOf = (id: string): Promise<Found> =>
    eventually(
      async () => {
        ping();
        const document = `query ($id: ID!) { flows(filter: {capture: $id, address: {eq: "10.226.0.2"}}) { nodes { captureNode { name type } a { node { name } } b { node { name } } } } }`;
        return (await data<{ flows: Found }>(url, document, { id })).flows;
      },
      ({ nodes }) => nodes.length > 0,
    );
  const mirrors = (): string[] =>
    vswitch
      .control('list-ports', 'br0')
      .split('\n')
      .filter((name) => name.startsWith('mir'));

  it('has its bridges captured by a query, with nothing else to be done', async () => {
    await counts("G.V().Has('Type', 'ovsbridge')", 1);
    for (const [type, shown] of [
      [undefined, 'OVSSFLOW'],
      ['OVSNETFLOW', 'OVSNETFLOW'],
    ] as const) {
      const id = await create({ gremlin: "G.V().Has('Type', 'ovsbridge')", type, samplingRate: 1, pollingInterval: '1s' });
      await active(id, shown);
      const { nodes } = await flowsOf(id);
      expect(nodes[0]!.captureNode).toEqual({ name: 'br0', type: 'ovsbridge' });
      // NetFlow 5 has no addresses of the link layer, by which ends are found in this net.
      if (type === undefined) expect([nodes[0]!.a.node?.name, nodes[0]!.b.node?.name]).toEqual(['eth0', 'eth0']);
      await data(url, `mutation { deleteCapture(id: "${id}") { capture { id } } }`);
      await counts("G.V().HasKey('Captures')", 0);
    }
    // The graph forgets a capture at once; the agent tidies the switch when it hears of that.
    await eventually(
      () => Promise.resolve([vswitch.control('list', 'sflow'), vswitch.control('list', 'netflow')]),
      (rows) => rows.every((row) => row === ''),
    );
  });

  it('has its ports mirrored by a query, says so on both sides, and clears up after a kill', async () => {
    const port = "G.V().Has('Type', 'ovsport', 'Name', 'tapleft')";
    await counts(port, 1);
    const id = await create({ gremlin: port });
    await active(id, 'OVSMIRROR');
    const [name] = mirrors();
    expect(mirrors()).toHaveLength(1);
    const [original] = await gremlin<string[]>(`${port}.Values('@ID')`);
    // On the interface of the mirror, and not on its port of the same name.
    const marked = `G.V().Has('Captures.ID', '${id}', 'Captures.MirrorOf', '${original}', 'Captures.State', 'active')`;
    await counts(`${marked}.Has('Name', '${name}', 'Type', 'internal', 'LinkFlags', 'UP')`, 1);
    await counts(marked, 1);
    await counts(
      `G.V().Has('Type', 'ovsport', 'Name', '${name}').OutE().Has('RelationType', 'mirroring').OutV().Has('Name', 'tapleft')`,
      1,
    );
    const { nodes } = await flowsOf(id);
    expect(nodes.map(({ captureNode }) => captureNode)).toContainEqual({ name: 'tapleft', type: 'ovsport' });
    interface Mirrored {
      readonly nodes: {
        readonly nodes: readonly { readonly captures: readonly { readonly mirrorOf: unknown; readonly packetsReceived: number }[] }[];
      };
    }
    await eventually(
      async () => {
        const document = `{ nodes(filter: {name: {eq: "${name}"}, type: {eq: "internal"}}) { nodes { captures { mirrorOf { name id } packetsReceived } } } }`;
        return (await data<Mirrored>(url, document)).nodes.nodes[0]?.captures[0];
      },
      (capture) => JSON.stringify(capture?.mirrorOf) === JSON.stringify({ name: 'tapleft', id: original }) && capture!.packetsReceived > 0,
    );

    // A port of a mirror is refused; those that can be mirrored are.
    const second = await create({ gremlin: "G.V().Has('Type', 'ovsport').Has('Name', Within('tapright', '" + name + "'))" });
    const refused = await eventually(
      () => activities(second),
      (found) => found.some(({ state }) => state === 'ERROR') && found.some(({ state }) => state === 'ACTIVE'),
    );
    expect(refused.find(({ state }) => state === 'ERROR')).toMatchObject({
      node: { name },
      error: expect.stringContaining('is itself a mirror') as string,
    });
    await data(url, `mutation { deleteCapture(id: "${second}") { capture { id } } }`);
    await eventually(
      () => Promise.resolve(mirrors()),
      (found) => found.length === 1,
    );

    await agent.end('SIGKILL');
    expect(mirrors()).toHaveLength(1);
    agent = await startAgent();
    await eventually(
      () => gremlin<string[] | null>("G.V().Has('Captures.State', 'active').HasKey('Captures').Has('Type', 'internal').Values('Name')"),
      (found) => found?.length === 1 && mirrors().length === 1,
    );
    await active(id, 'OVSMIRROR');
    await agent.end('SIGTERM');
    expect(mirrors()).toEqual([]);
    agent = await startAgent();
    await active(id, 'OVSMIRROR');
    await data(url, `mutation { deleteCapture(id: "${id}") { capture { id } } }`);
    await eventually(
      () => Promise.resolve(mirrors()),
      (found) => found.length === 0,
    );
    await counts("G.V().HasKey('Captures')", 0);
    await counts("G.E().Has('RelationType', 'mirroring')", 0);
  });
});
