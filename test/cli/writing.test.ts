import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { openRig, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';
import { PATIENCE } from '../patience.js';

const NO_ID = /^[0-9a-f-]{36}\n$/;

let rig: Rig;
let folder: string;
beforeAll(async () => {
  rig = await openRig();
  folder = mkdtempSync(join(tmpdir(), 'canopy-cli-'));
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});

async function canopy(...args: string[]) {
  const terminal = recordTerminal();
  const code = await run([...args, '--analyzer', rig.url], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}
const json = async <T>(...args: string[]): Promise<T> => JSON.parse((await canopy(...args, '-o', 'json')).answers) as T;
const metadataOf = async (node: string) => (await json<{ metadata: object }>('node', node)).metadata;

describe('publish', () => {
  it('puts a node there, which the same id changes', async () => {
    const made = await canopy(
      'publish',
      'node',
      '--name',
      'tor-1',
      '--type',
      'switch',
      '--metadata',
      'Site.Rack=r12',
      '--metadata',
      'Ports=48',
    );
    expect(made).toMatchObject({ code: 0, answers: expect.stringMatching(NO_ID) as string });
    const id = made.answers.trim();
    expect(await metadataOf(id)).toMatchObject({ Site: { Rack: 'r12' }, Ports: 48 });
    await canopy('publish', 'node', '--id', id, '--name', 'tor-1', '--type', 'switch', '--metadata', 'Ports=24');
    expect(await metadataOf('tor-1')).toMatchObject({ Ports: 24 });
    expect(await metadataOf('tor-1')).not.toHaveProperty('Site');
  });

  it('joins nodes by their names', async () => {
    for (const name of ['left', 'right']) await canopy('publish', 'node', '--name', name, '--type', 'port');
    expect((await canopy('publish', 'edge', '--source', 'left', '--target', 'right', '--relation', 'layer2')).answers).toMatch(NO_ID);
    expect((await canopy('node', 'left')).answers).toContain('layer2 → port right');
  });

  it('takes a file, all of it or nothing', async () => {
    const file = join(folder, 'racks.json');
    const nodes = [{ id: 'rack-1', name: 'rack-1', type: 'rack' }];
    writeFileSync(file, JSON.stringify({ origin: 'racks', nodes }));
    expect(await canopy('publish', 'file', file)).toMatchObject({ code: 0, answers: '1 created, 0 updated, 0 unchanged, 0 removed\n' });
    expect(await json('publish', 'file', file)).toMatchObject({ unchanged: 1 });
    writeFileSync(file, JSON.stringify({ origin: 'racks', nodes: [...nodes, { id: 'rack-2', name: 'rack-2' }] }));
    expect(await canopy('publish', 'file', file)).toMatchObject({ code: 2, messages: expect.stringContaining('type') as string });
    writeFileSync(file, '{"nodes": [');
    expect((await canopy('publish', 'file', file)).messages).toContain('is not JSON');
  });

  it('says what is missing', async () => {
    expect(await canopy('publish', 'node', '--name', 'x')).toMatchObject({
      code: 2,
      messages: expect.stringContaining('--type') as string,
    });
    expect((await canopy('publish', 'edge', '--source', 'left', '--target', 'nobody', '--relation', 'x')).messages).toContain("'nobody'");
    expect((await canopy('publish', 'node', '--name', 'x', '--type', 'y', '--metadata', 'Rack')).messages).toContain('needs PATH=VALUE');
    expect((await canopy('publish', 'node', 'x.json', '--name', 'x', '--type', 'y')).messages).toContain('unexpected');
  });
});

it('annotate lays values over a node and takes them away', async () => {
  await canopy('publish', 'node', '--name', 'leaf', '--type', 'switch', '--metadata', 'Ports=48');
  expect((await canopy('annotate', 'leaf', '--metadata', 'Site.Rack=r12', '--metadata', 'Ports=24')).code).toBe(0);
  expect(await metadataOf('leaf')).toMatchObject({ Site: { Rack: 'r12' }, Ports: 24 });
  await canopy('annotate', 'leaf', '--unset', 'Ports');
  expect(await metadataOf('leaf')).toMatchObject({ Site: { Rack: 'r12' }, Ports: 48 });
  expect((await canopy('annotate', 'leaf')).code).toBe(2);
});

it('remove takes elements away, by id or as a string finds them', async () => {
  for (const name of ['a', 'b', 'c']) await canopy('publish', 'node', '--id', `gone-${name}`, '--name', name, '--type', 'passing');
  expect((await canopy('remove', 'gone-a')).answers).toBe('1 removed\n');
  expect((await canopy('remove', '--gremlin', "G.V().Has('Type', 'passing')")).answers).toBe('2 removed\n');
  expect((await canopy('remove', 'gone-a')).messages).toContain('there is no node or edge gone-a');
  expect((await canopy('remove', '--gremlin', 'G.V().Count()')).messages).toContain('neither nodes nor edges');
  expect((await canopy('remove')).code).toBe(2);
});

describe('rule', () => {
  const names = async (gremlin: string) => (await canopy('gremlin', gremlin, '-o', 'json')).answers;

  it('keeps nodes, values and edges, until it is deleted', async () => {
    await canopy('rule', 'create-node', '--name', 'spine', '--node-name', 'spine-1', '--node-type', 'fabric');
    await canopy('rule', 'update-nodes', '--gremlin', "G.V().Has('Type', 'leafport')", '--metadata', 'Rack=r7');
    const ends = ['--source', "G.V().Has('Name', 'spine-1')", '--target', "G.V().Has('Type', 'leafport')"];
    expect(await canopy('rule', 'create-edges', ...ends, '--relation', 'layer2')).toMatchObject({ code: 0 });
    await canopy('publish', 'node', '--name', 'leaf-1', '--type', 'leafport');
    await vi.waitFor(async () => expect(await metadataOf('leaf-1')).toMatchObject({ Rack: 'r7' }), PATIENCE);
    await vi.waitFor(async () => expect(await names("G.V().Has('Name', 'spine-1').Out().Values('Name')")).toContain('leaf-1'), PATIENCE);
    const rules = await json<{ id: string; name: string; relation?: string }[]>('rule', 'list');
    expect(rules).toHaveLength(3);
    expect(await json('rule', 'get', rules[0]!.id)).toEqual(rules[0]);
    for (const { id } of rules) expect((await canopy('rule', 'delete', id)).code).toBe(0);
    await vi.waitFor(async () => expect(await names("G.V().Has('Name', 'spine-1').Count()")).toBe('0\n'), PATIENCE);
    await vi.waitFor(async () => expect(await metadataOf('leaf-1')).not.toHaveProperty('Rack'), PATIENCE);
    expect(await canopy('rule', 'list')).toMatchObject({ answers: '', messages: 'no rules\n' });
  });

  it('is refused when it can never do anything', async () => {
    const refused = async (...args: string[]) => (await canopy('rule', ...args)).messages;
    expect(await refused('update-nodes', '--gremlin', 'G.V().Count()', '--metadata', 'A=1')).toContain('this one gives');
    expect(await refused('update-nodes', '--gremlin', 'G.V()')).toContain('there is nothing to set');
    expect(await refused('create-node', '--node-name', 'x')).toContain('--node-type');
    expect(await refused('delete', 'nowhere')).toContain('there is no rule nowhere');
  });
});
