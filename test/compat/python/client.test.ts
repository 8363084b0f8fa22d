import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, program } from '../../needs.js';
import { openRig, type Rig } from '../../server/rig.js';
import { eventually, gremlinAt } from '../asking.js';
import { connectAgent, hostGraph } from '../ws/oldAgent.js';
import { pythonWithClient } from './environment.js';

const run = promisify(execFile);

describeWith([program('python3')], 'the Python client of old scripts, as it is on PyPI', () => {
  let rig: Rig;
  let programs: string;
  let folder: string;
  const running: ChildProcess[] = [];
  beforeAll(async () => {
    programs = await pythonWithClient();
    rig = await openRig();
    folder = mkdtempSync(join(tmpdir(), 'canopy-python-'));
  }, 240_000);
  afterAll(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rig?.close();
    if (folder) rmSync(folder, { recursive: true });
  });

  const script = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));
  const graphFile = (name: string): string => {
    const file = join(folder, `${name}.json`);
    const node = { ID: name, Host: 'ws', Revision: 1, Metadata: { Name: name, Type: 'device' } };
    writeFileSync(file, JSON.stringify({ Nodes: [node], Edges: [] }));
    return file;
  };
  const endpoint = (): string => rig.url.slice('http://'.length);
  const gremlin = (query: string): Promise<unknown> => gremlinAt(rig.url, query);

  it('asks and writes by REST with every method', async () => {
    // Packets are sent by agents: here by one as old as the script.
    const agent = await connectAgent(rig.url, 'old-agent');
    agent.send('Sync', hostGraph('old-agent'));
    await eventually(async () => (await gremlin("G.V().Has('TID', 'old-agent-tid').Count()")) === 1);
    const { stdout } = await run(join(programs, 'python3'), [script('rest.py'), endpoint()]);
    agent.close();
    expect(JSON.parse(stdout)).toEqual({
      made: ['py-node', 'py-other', 'py-edge', 'py-node', 'py-other'],
      lookup: 'py-node',
      nodes: ['py-node', 'py-other'],
      edges: ['py-edge'],
      updated: 'red',
      edgeUpdated: 7,
      listed: [true, true],
      deleted: [0, ['py-node']],
      captures: ["G.V().Has('Name', 'py-node')", [true]],
      capturesLeft: 0,
      alerts: [true],
      alertsLeft: 0,
      nodeRules: [true],
      edgeRules: [true],
      injections: ['', 'icmp4', true],
    });
  });

  it('says who it is by name and password', async () => {
    const guarded = await openRig({ config: { 'tokens.readers': ['py-secret'] } });
    try {
      const ask = (password: string): Promise<{ stdout: string }> =>
        run(join(programs, 'python3'), [script('login.py'), guarded.url.slice('http://'.length), 'anybody', password]);
      expect((await ask('py-secret')).stdout.trim()).toMatch(/^\d+$/);
      await expect(ask('wrong')).rejects.toThrow('HTTP Error 401');
    } finally {
      await guarded.close();
    }
  });

  it('listens, publishes and does both by WebSocket', async () => {
    const start = (...args: string[]): (() => string) => {
      const child = spawn(join(programs, 'python3'), [script('ws.py'), endpoint(), ...args]);
      running.push(child);
      let said = '';
      child.stdout.on('data', (part: Buffer) => (said += part.toString()));
      child.stderr.on('data', (part: Buffer) => (said += part.toString()));
      return () => said;
    };
    const subscribers = (): Promise<{ Subscribers: Record<string, unknown> }> =>
      fetch(`${rig.url}/api/status`).then((answer) => answer.json() as Promise<{ Subscribers: Record<string, unknown> }>);
    const listener = start('subscriber');
    await eventually(async () => 'py-listener' in (await subscribers()).Subscribers, listener);
    const publisher = start('publisher', 'py-published');
    await eventually(
      () => listener().includes('NodeAdded py-published'),
      () => `${publisher()} ${listener()}`,
    );
    const both = start('pubsub', 'py-both');
    await eventually(
      () => listener().includes('NodeAdded py-both'),
      () => `${both()} ${listener()}`,
    );
    await run(join(programs, 'skydive-ws-client'), ['--analyzer', endpoint(), '--host', 'teller-2', 'add', graphFile('py-heard')]);
    await eventually(() => both().includes('NodeAdded py-heard'), both);
    expect(both()).not.toContain('NodeAdded py-both');
  });

  it('listens, adds, updates and deletes by WebSocket from the command line', async () => {
    const client = join(programs, 'skydive-ws-client');
    const listener = spawn(client, ['--analyzer', endpoint(), '--host', 'listener', 'listen', '--sync-request'], {
      env: { ...process.env, PYTHONUNBUFFERED: '1' },
    });
    running.push(listener);
    let heard = '';
    listener.stdout.on('data', (part: Buffer) => (heard += part.toString()));
    listener.stderr.on('data', (part: Buffer) => (heard += part.toString()));
    await eventually(
      () => heard.includes('SyncReply'),
      () => heard,
    );

    const file = join(folder, 'graph.json');
    const node = (id: string, revision: number, more: object = {}) => ({
      ID: id,
      Host: 'ws',
      Revision: revision,
      Metadata: { Name: id, Type: 'device', ...more },
    });
    const tell = async (command: string, nodes: object[], edges: object[]): Promise<void> => {
      writeFileSync(file, JSON.stringify({ Nodes: nodes, Edges: edges }));
      await run(client, ['--analyzer', endpoint(), '--host', `teller-1`, command, file]);
    };
    const edge = { ID: 'ws-edge', Host: 'ws', Parent: 'ws-a', Child: 'ws-b', Revision: 1, Metadata: { RelationType: 'layer2' } };
    await tell('add', [node('ws-a', 1), node('ws-b', 1)], [edge]);
    await eventually(async () => (await gremlin("G.V('ws-a').Out().Count()").catch(() => 0)) === 1);
    await tell('update', [node('ws-a', 2, { Colour: 'blue' })], []);
    await eventually(async () => (await gremlin("G.V().Has('Colour', 'blue').Count()")) === 1);
    await tell('delete', [node('ws-b', 1)], []);
    await eventually(async () => (await gremlin("G.V().Has('Name', 'ws-b').Count()")) === 0);
    for (const said of ['NodeAdded', 'EdgeAdded', 'NodeUpdated', 'EdgeDeleted', 'NodeDeleted'])
      await eventually(
        () => heard.includes(said),
        () => `${said} in ${heard}`,
      );
  });
});
