import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askWhole } from '../../src/client/ask.js';
import { run } from '../../src/cli/run.js';
import { openRig, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';

const PUBLISH = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor } }';

let rig: Rig;
let folder: string;
/** Before anything was published, and after everything was. */
let before: string;
let after: string;

const publish = (input: object, url = rig.url) =>
  askWhole<{ publishTopology: { cursor: string } }>(
    { url, token: undefined },
    { document: PUBLISH, variables: { input: { origin: 'pub.test', ...input } } },
  );

type Options = Parameters<typeof recordTerminal>[0];

/** Runs a command against the analyzer as if its output went into a pipe. */
async function canopy(args: readonly string[], options: Options = {}) {
  const terminal = recordTerminal(options);
  const code = await run([...args, ...(args.includes('--analyzer') ? [] : ['--analyzer', rig.url])], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}
const json = async (...args: string[]): Promise<never> => JSON.parse((await canopy([...args, '-o', 'json'])).answers) as never;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until the terminal has heard something. */
async function until(holds: () => boolean): Promise<void> {
  for (let look = 0; look < 400 && !holds(); look++) await pause(25);
  expect(holds()).toBe(true);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'canopy-cli-'));
  rig = await openRig();
  before = new Date(Date.now() - 1).toISOString();
  await pause(5);
  await publish({
    nodes: [
      { id: 'h1', name: 'web-1', type: 'host', host: 'web-1' },
      { id: 'br', name: 'br0', type: 'bridge', host: 'web-1', metadata: { State: 'UP', MTU: 1500 } },
      { id: 'v1', name: 'veth1', type: 'veth', host: 'web-1', metadata: { State: 'UP', MAC: '02:00:00:00:00:01', MTU: 1500 } },
      { id: 'v2', name: 'veth2', type: 'veth', host: 'web-2', metadata: { State: 'DOWN', MTU: 9000 } },
      { id: 't1', name: 'twin', type: 'thing' },
      { id: 't2', name: 'twin', type: 'thing' },
    ],
    edges: [
      { source: 'h1', target: 'br', relationType: 'ownership' },
      { source: 'h1', target: 'v1', relationType: 'ownership' },
      { source: 'v1', target: 'br', relationType: 'layer2' },
    ],
  });
  await pause(5);
  after = new Date().toISOString();
  await pause(5);
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('nodes', () => {
  it('are a table, the same in a pipe as on a wide screen but for colours', async () => {
    const { code, answers } = await canopy(['nodes', '--type', 'veth']);
    const lines = answers.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^NAME +TYPE +STATE +HOST/);
    expect(lines.slice(1).map((line) => line.split(/ +/).slice(0, 4))).toEqual(
      expect.arrayContaining([
        ['veth1', 'veth', 'UP', 'web-1'],
        ['veth2', 'veth', 'DOWN', 'web-2'],
      ]),
    );
    const coloured = (await canopy(['nodes', '--type', 'veth'], { isTerminal: true, hasColour: true, columns: 1000 })).answers;
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(answers);
    expect(coloured).not.toBe(answers);
    const narrow = (await canopy(['nodes'], { isTerminal: true, columns: 70 })).answers;
    expect(Math.max(...narrow.split('\n').map((line) => line.length))).toBeLessThanOrEqual(70);
  });

  it.each([
    [
      ['--type', 'veth'],
      ['v1', 'v2'],
    ],
    [
      ['--type', 'veth', '--type', 'bridge'],
      ['br', 'v1', 'v2'],
    ],
    [['--name', 've*', '--state', 'down'], ['v2']],
    [
      ['--name', '*th1', '--name', 'br0'],
      ['br', 'v1'],
    ],
    [['--host', 'web-1', '--type', 'veth'], ['v1']],
    [['--mac', '02:00:00:00:00:01'], ['v1']],
    [
      ['--within', 'web-1'],
      ['br', 'v1'],
    ],
    [
      ['--metadata', 'MTU=1500'],
      ['br', 'v1'],
    ],
    [['--metadata', 'MAC'], ['v1']],
    [
      ['--search', 'veth'],
      ['v1', 'v2'],
    ],
    [
      ['--filter', '{"not": {"type": {"eq": "thing"}}}', '--state', 'up'],
      ['br', 'v1'],
    ],
  ])('are chosen by %j', async (args, ids) => {
    const rows = await json('nodes', ...args);
    expect((rows as { id: string }[]).map(({ id }) => id).sort()).toEqual(ids);
  });

  it('are asked for at an instant', async () => {
    expect(await json('nodes', '--at', before)).toEqual([]);
    expect(await json('nodes', '--at', after)).toHaveLength(6);
    expect((await canopy(['nodes', '--at', 'yesterday'])).code).toBe(2);
  });

  it('come page by page, and say when some are left out', async () => {
    const { code, answers, messages } = await canopy(['nodes', '--first', '2', '-o', 'json']);
    expect([code, (JSON.parse(answers) as []).length, messages]).toEqual([0, 2, '2 of 6 nodes; --all shows every one\n']);
    expect(await json('nodes', '--all')).toHaveLength(6);
    expect((await canopy(['nodes', '--type', 'none'])).messages).toBe('no nodes\n');
  });

  it('are YAML where that is wanted', async () => {
    expect((await canopy(['nodes', '--name', 'br0', '-o', 'yaml'])).answers).toMatch(/^- __typename: .*\n {2}id: br\n/);
  });
});

describe('one node', () => {
  it('is found by id or name', async () => {
    expect(((await json('node', 'v1')) as { name: string }).name).toBe('veth1');
    const { answers } = await canopy(['node', 'veth1']);
    for (const part of ['veth veth1 on web-1', 'owned by  host web-1', 'layer2 → bridge br0', 'MTU: 1500']) expect(answers).toContain(part);
  });

  it('that is not there, or twice, is an error that says what to do', async () => {
    expect(await canopy(['node', 'nobody'])).toMatchObject({
      code: 6,
      messages: expect.stringContaining('canopy nodes --search nobody') as string,
    });
    expect(await canopy(['node', 'twin'])).toMatchObject({ code: 2, messages: expect.stringContaining('  t1  thing twin on') as string });
  });
});

describe('edges and paths', () => {
  it('name their ends', async () => {
    expect((await canopy(['edges', '--relation', 'layer2'])).answers).toMatch(/layer2 +veth veth1 +bridge br0/);
    expect(await json('edges', '--source', 'h1')).toHaveLength(2);
  });

  it('lead from node to node', async () => {
    expect((await canopy(['paths', 'web-1', 'br0', '--via', 'ownership'])).answers).toBe('host web-1 –ownership– bridge br0\n');
    expect(await canopy(['paths', 'web-1', 'veth2'])).toMatchObject({ code: 6, messages: 'no path\n' });
  });
});

describe('time', () => {
  it('is walked through by changes and diff', async () => {
    await publish({ nodes: [{ id: 'v2', name: 'veth2', type: 'veth', host: 'web-2', metadata: { State: 'UP', MTU: 9000 } }] });
    const changes = (await canopy(['changes', '--since', before, '--all'])).answers;
    expect(changes).toContain('+ veth veth1 on web-1 UP\n');
    expect(changes).toContain('+ layer2 veth veth1 → bridge br0\n');
    expect(changes).toMatch(/~ veth veth2 on web-2 UP\n {4}State: DOWN → UP\n/);
    const diff = await canopy(['diff', after]);
    expect(diff.answers).toBe('~ veth veth2 on web-2 UP\n    State: DOWN → UP\n');
    expect(diff.messages).toMatch(/: 0 added, 0 removed, 1 changed\n/);
    expect(await json('diff', before, after)).toMatchObject({ added: { length: 9 }, removed: [], changed: [] });
  });
});

describe('status and agents', () => {
  it('say that all is well', async () => {
    const { code, answers } = await canopy(['status']);
    expect({ code, isWell: answers.endsWith('all is well\n') }).toEqual({ code: 0, isWell: true });
    expect(await json('status')).toMatchObject({ nodes: 6, edges: 3, problems: [] });
    expect(await canopy(['agents'])).toMatchObject({ code: 0, messages: expect.stringContaining('canopy agent') as string });
  });
});

describe('query', () => {
  const DOCUMENT = '{ nodes(filter: {type: {eq: "bridge"}}) { nodes { name type } } }';

  it('prints a table on a terminal and JSON in a pipe', async () => {
    expect((await canopy(['query', DOCUMENT], { isTerminal: true, columns: 80 })).answers).toBe('name  type\nbr0   bridge\n');
    expect(JSON.parse((await canopy(['query', DOCUMENT])).answers)).toEqual({ nodes: { nodes: [{ name: 'br0', type: 'bridge' }] } });
  });

  it('takes the document from an argument, a file or standard input, and variables', async () => {
    const file = join(folder, 'query.graphql');
    const document = 'query A($at: DateTime) { nodes(at: $at) { totalCount } } query B { viewer { name } }';
    writeFileSync(file, document);
    writeFileSync(join(folder, 'variables.json'), JSON.stringify({ at: before }));
    const args = ['--operation', 'A', '--variables', `@${join(folder, 'variables.json')}`];
    const expected = { nodes: { totalCount: 0 } };
    expect(JSON.parse((await canopy(['query', '--file', file, ...args])).answers)).toEqual(expected);
    expect(JSON.parse((await canopy(['query', '-', ...args], { input: document })).answers)).toEqual(expected);
  });

  it('shows where a document is wrong', async () => {
    expect(await canopy(['query', '{\n  nodes {\n    nodez { name }\n  }\n}'])).toMatchObject({
      code: 2,
      answers: '',
      messages: expect.stringMatching(/^BAD_INPUT: Cannot query field "nodez"[^\n]*\n {6}nodez \{ name \}\n {6}\^\n$/) as string,
    });
    expect((await canopy(['query', '{ nodes('])).messages).toMatch(/Syntax Error: .*\n {2}\{ nodes\(\n {10}\^\n/);
  });
});

describe('an analyzer that does not answer', () => {
  it('is unreachable, and the message says what to do', async () => {
    expect(await canopy(['status', '--analyzer', 'http://127.0.0.1:1'])).toEqual({
      code: 3,
      answers: '',
      messages:
        'UNAVAILABLE: cannot reach the analyzer at http://127.0.0.1:1: nothing listens there\nStart one with `canopy allinone`, or name another with --analyzer URL.\n',
    });
    expect(await canopy(['changes', '--watch', '--analyzer', 'http://127.0.0.1:1'])).toMatchObject({ code: 3, answers: '' });
  });

  it('or is something else', async () => {
    const server = createServer((_request, response) => response.end('<html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await canopy(['status', '--analyzer', url])).toMatchObject({
      code: 3,
      messages: expect.stringContaining('not as a Canopy analyzer does') as string,
    });
    server.close();
  });
});

describe('an analyzer that wants tokens', () => {
  it('refuses without, and answers with one', async () => {
    const guarded = await openRig({ config: { 'tokens.readers': ['right'] } });
    try {
      const ask = (...args: string[]) => canopy(['status', '--analyzer', guarded.url, ...args]);
      writeFileSync(join(folder, 'right'), 'right\n');
      writeFileSync(join(folder, 'wrong'), 'wrong\n');
      expect(await ask()).toMatchObject({ code: 4, messages: expect.stringContaining('--token-file FILE') as string });
      expect(await ask('--token-file', join(folder, 'wrong'))).toMatchObject({
        code: 4,
        messages: expect.stringContaining('not among those') as string,
      });
      expect(await ask('--token-file', join(folder, 'right'))).toMatchObject({ code: 0 });
      expect((await ask('--token-file', join(folder, 'none'))).code).toBe(2);
      expect((await canopy(['changes', '--watch', '--analyzer', guarded.url])).code).toBe(4);
    } finally {
      await guarded.close();
    }
  });
});

describe('--watch', () => {
  /** Follows in the background until it is interrupted. */
  function follow(args: readonly string[], url: string) {
    const terminal = recordTerminal();
    const ended = run([...args, '--watch', '--analyzer', url], terminal);
    const events = () =>
      terminal.answers
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line || '{}') as { op: string; cursor?: string; reason?: string; element?: { id: string } });
    const stop = async () => {
      terminal.interrupt();
      return ended;
    };
    return { terminal, events, stop };
  }
  const node = (id: string, State = 'UP') => ({ nodes: [{ id, name: id, type: 'watched', host: 'web-1', metadata: { State } }] });

  it('goes on across a restart of the analyzer, misses nothing and repeats nothing', async () => {
    let watched = await openRig();
    const { port } = new URL(watched.url);
    await publish(node('w0'), watched.url);
    const { events, stop, terminal } = follow(['nodes', '--type', 'watched', '-o', 'json'], watched.url);
    await until(() => terminal.answers.includes('COMPLETE'));
    await publish(node('w1'), watched.url);
    await until(() => terminal.answers.includes('"w1"'));
    watched = await watched.restart({ config: { listen: `127.0.0.1:${port}` } });
    await publish(node('w2'), watched.url);
    await publish({ removed: ['w0'] }, watched.url);
    await until(() => terminal.answers.includes('REMOVED'));
    expect(await stop()).toBe(0);
    expect(events().map(({ op, element }) => `${op} ${element?.id ?? ''}`)).toEqual([
      'PRESENT w0',
      'COMPLETE ',
      'ADDED w1',
      'ADDED w2',
      'REMOVED w0',
    ]);
    expect(terminal.messages).toMatch(/trying again\n/);

    const cursor = events().find(({ element, op }) => op === 'ADDED' && element?.id === 'w1')!.cursor!;
    const later = follow(['changes', '--type', 'watched', '-o', 'json', '--after', cursor], watched.url);
    await until(() => later.terminal.answers.includes('REMOVED'));
    await later.stop();
    expect(later.events().map(({ op, element }) => `${op} ${element?.id ?? ''}`)).toEqual(['ADDED w2', 'REMOVED w0']);
    await watched.close();
  });

  it('prints a line for a person', async () => {
    const { stop, terminal } = follow(['changes'], rig.url);
    // What is there already is not shown, so only a change tells that it listens.
    for (let round = 0; !terminal.answers.includes('~'); round++) {
      await publish(node('line', round % 2 === 0 ? 'UP' : 'DOWN'));
      await pause(100);
    }
    expect(await stop()).toBe(0);
    expect(terminal.answers).toMatch(/Z ~ watched line on web-1 (UP|DOWN)\n {4}State: (UP → DOWN|DOWN → UP)\n/);
    await publish({ removed: ['line'] });
  });

  it('refuses a cursor that leads nowhere', async () => {
    const code = await follow(['changes', '--after', 'nonsense'], rig.url).stop();
    expect([0, 2]).toContain(code);
    expect((await canopy(['changes', '--watch', '--after', 'nonsense'])).code).toBe(2);
  });

  it('follows any subscription, from its last cursor where it takes one', async () => {
    const document = `subscription ($after: Cursor) { topologyChanges(filter: {nodes: {type: {eq: "asked"}}}, after: $after) {
      __typename ... on TopologySnapshot { cursor: cursor nodes { id } } ... on TopologyChanges { next: cursor changes { op } } } }`;
    const { stop, events, terminal } = follow(['query', document], rig.url);
    await until(() => terminal.answers.includes('TopologySnapshot'));
    await publish({ nodes: [{ id: 'asked', name: 'asked', type: 'asked' }] });
    await until(() => terminal.answers.includes('ADDED'));
    expect(await stop()).toBe(0);
    expect(events()).toHaveLength(2);
    await publish({ removed: ['asked'] });
  });
});
