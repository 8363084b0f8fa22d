import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, program } from '../../needs.js';
import { makeAuthority } from '../../server/auth/certificates.js';
import { folderWith } from '../../server/auth/people.js';
import { openRig, type Rig } from '../../server/rig.js';
import { eventually, gremlinAt } from '../asking.js';
import { connectAgent, hostGraph } from '../ws/oldAgent.js';
import { pythonWithClient } from './environment.js';

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

describeWith([program('python3'), program('openssl')], 'the Python client with all that it can be given', () => {
  let programs: string;
  let folder: string;
  const rigs: Rig[] = [];
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    programs = await pythonWithClient();
    folder = mkdtempSync(join(tmpdir(), 'canopy-python-'));
  }, 240_000);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    for (const rig of rigs) await rig.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  async function open(options: Parameters<typeof openRig>[0] = {}): Promise<Rig> {
    const rig = await openRig(options);
    rigs.push(rig);
    return rig;
  }
  const endpointOf = (rig: Rig): string => rig.url.replace(/^https?:\/\//, '');
  const python = async (name: string, ...args: string[]): Promise<string> =>
    (await run(join(programs, 'python3'), [script(name), ...args])).stdout;

  it('gives and gets every option, and hears what is wrong', async () => {
    const rig = await open();
    const agent = await connectAgent(rig.url, 'old-sender');
    agent.send('Sync', hostGraph('old-sender'));
    await eventually(async () => (await gremlinAt(rig.url, "G.V().Has('TID', 'old-sender-tid').Count()")) === 1);
    const answers: unknown = JSON.parse(await python('options.py', endpointOf(rig)));
    agent.close();
    expect(answers).toEqual({
      capture: {
        GremlinQuery: "G.V().Has('Name', 'py-all')",
        Name: 'all',
        Description: 'every option',
        Count: 0,
        ExtraTCPMetric: true,
        IPDefrag: true,
        ReassembleTCP: true,
        LayerKeyMode: 'L3',
        BPFFilter: 'tcp port 80',
        Type: 'afpacket',
        Port: 7000,
        RawPacketLimit: 3,
        HeaderSize: 128,
        Target: '127.0.0.1:2055',
        TargetType: 'netflowv5',
        PollingInterval: 20,
        SamplingRate: 2,
      },
      plain: { GremlinQuery: "G.V().Has('Name', 'py-plain')", LayerKeyMode: 'L2', Count: 0, PollingInterval: 10, SamplingRate: 1 },
      twice: 'duplicated resource\n',
      noQuery: 'GremlinQuery: Not a valid Gremlin expression: Expected right parenthesis\n',
      node: [36, 1, true],
      edge: [36, 2],
      classes: [[true], [true]],
      unchanged: '',
      invalidNode: 'invalid schema',
      invalidEdge: 'parent ID wrong format\n',
      noSuchNode: "Node 'py-nobody' not found\n",
      syntax: 'Expected step function, got: Hass\n',
      alert: [['', null]],
      rule: [['update', "G.V().Has('Mark', 1)", { Rule: 'py' }]],
      link: [["G.V().Has('Mark', 1)", "G.V('py-far')", { RelationType: 'mapping' }]],
      injection: {
        Src: "G.V().Has('TID', 'old-sender-tid')",
        SrcIP: '10.9.0.1',
        DstIP: '10.9.0.2',
        SrcMAC: '02:00:00:00:00:01',
        DstMAC: '02:00:00:00:00:02',
        SrcPort: 1000,
        DstPort: 2000,
        Type: 'udp4',
        Payload: 'hello',
        Count: 3,
        Interval: 20,
        Mode: 'unique',
        TTL: 9,
      },
      noSender: expect.stringMatching(/^Node 'nobody' does not exist|^Not able to find a source node/) as string,
    });
    await eventually(async () => (await gremlinAt(rig.url, "G.V().Has('Rule', 'py').Out('Name', 'py-far').Dedup().Count()")) === 1);
    expect(await gremlinAt(rig.url, "G.V().Has('Name', 'py-bad').Count()")).toBe(0);
  });

  it('speaks TLS, and shows a certificate', async () => {
    const authority = makeAuthority(folder, 'ours');
    const server = authority.issue('analyzer');
    const rig = await open({ config: { 'tls.certificate': server.certificate, 'tls.key': server.key } });
    const own = authority.issue('script', 'client');
    const said = await python('tls.py', endpointOf(rig), authority.file, own.certificate, own.key);
    expect(said).toMatch(/^0\n0\n0\n.*certificate verify failed/i);

    // The same of WebSockets, on the command line.
    const file = join(folder, 'tls.json');
    writeFileSync(file, JSON.stringify({ Nodes: [{ ID: 'py-tls', Host: 'ws', Metadata: { Name: 'py-tls', Type: 'device' } }], Edges: [] }));
    const client = ['--analyzer', endpointOf(rig), '--host', 'tls', '--ssl', '--insecure'];
    await run(join(programs, 'skydive-ws-client'), [...client, 'add', file]);
    const counted = `from skydive.rest.client import RESTClient
print(RESTClient('${endpointOf(rig)}', scheme='https', insecure=True).lookup("G.V().Has('Name', 'py-tls').Count()"))`;
    await eventually(async () => (await run(join(programs, 'python3'), ['-c', counted])).stdout === '1\n');
  });

  it('listens to a part of the graph by name and password, and tells of edges', async () => {
    const { dataDir } = await folderWith({ users: { script: ['writer'] } });
    const rig = await open({ dataDir });
    const who = ['--analyzer', endpointOf(rig), '--username', 'script', '--password', 'script-secret'];
    const client = join(programs, 'skydive-ws-client');
    const listen = ['--host', 'part', 'listen', '--gremlin', "G.V().Has('Kind', 'mine').SubGraph()", '--sync-request'];
    const listener = spawn(client, [...who, ...listen], { env: { ...process.env, PYTHONUNBUFFERED: '1' } });
    running.push(listener);
    let heard = '';
    for (const stream of [listener.stdout, listener.stderr]) stream.on('data', (part: Buffer) => (heard += part.toString()));
    const hears = (text: string): Promise<void> =>
      eventually(
        () => heard.includes(text),
        () => `${text} in ${heard}`,
      );
    await hears('SyncReply');
    const file = join(folder, 'part.json');
    const node = (id: string, Kind: string, Revision = 1) => ({
      ID: id,
      Host: 'h',
      Revision,
      Metadata: { Name: id, Type: 'device', Kind },
    });
    const edge = (Revision: number, more: object = {}) => ({
      ...{ ID: 'py-edge', Host: 'h', Parent: 'py-mine', Child: 'py-too', Revision },
      Metadata: { RelationType: 'layer2', ...more },
    });
    const tell = async (command: string, Nodes: object[], Edges: object[]): Promise<void> => {
      writeFileSync(file, JSON.stringify({ Nodes, Edges }));
      await run(client, [...who, '--host', 'teller', command, file]);
    };
    await tell('add', [node('py-other', 'theirs'), node('py-mine', 'mine'), node('py-too', 'mine')], [edge(1)]);
    await hears('EdgeAdded');
    expect(heard).toContain('py-mine');
    await tell('update', [], [edge(2, { Cable: 'blue' })]);
    await hears('EdgeUpdated');
    await tell('delete', [], [edge(3)]);
    await hears('EdgeDeleted');
    expect(heard).not.toContain('py-other');
    await expect(run(client, ['--analyzer', endpointOf(rig), '--username', 'script', '--password', 'wrong', 'add', file])).rejects.toThrow(
      '401',
    );
  });
});
