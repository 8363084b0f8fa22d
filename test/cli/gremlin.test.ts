import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.js';
import { openRig, publish, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';
import { PATIENCE } from '../patience.js';

let rig: Rig;

beforeAll(async () => {
  rig = await openRig();
  await publish(rig.url, {
    nodes: [
      { id: 'h1', name: 'web-1', type: 'host', host: 'web-1' },
      { id: 'br', name: 'br0', type: 'bridge', host: 'web-1', metadata: { State: 'UP', MTU: 1500 } },
      { id: 'v1', name: 'veth1', type: 'veth', host: 'web-1', metadata: { State: 'UP', MTU: 1500 } },
      { id: 'v2', name: 'veth2', type: 'veth', host: 'web-2', metadata: { State: 'DOWN', MTU: 9000 } },
    ],
    edges: [
      { source: 'h1', target: 'br', relationType: 'ownership' },
      { source: 'br', target: 'v1', relationType: 'layer2' },
    ],
  });
});
afterAll(() => rig.close());

async function gremlin(...args: string[]) {
  const terminal = recordTerminal();
  const code = await run(['gremlin', ...args, '--analyzer', rig.url], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}
const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

describe('canopy gremlin shows', () => {
  it('nodes as a table', async () => {
    const { code, answers } = await gremlin("G.V().Has('Type', 'veth').Sort('Name')");
    expect(code).toBe(0);
    expect(cells(answers).map((row) => row.slice(0, 3))).toEqual([
      ['NAME', 'TYPE', 'STATE'],
      ['veth1', 'veth', 'UP'],
      ['veth2', 'veth', 'DOWN'],
    ]);
  });

  it.each([
    ["G.V().Has('Name', 'br0').OutE()", /^RELATION +FROM +TO +ID\nlayer2 +bridge br0 +veth veth1 +\S+\n$/],
    ["G.V('h1').SubGraph()", /^NAME .*\nweb-1 .*\n$/],
    ["G.V('h1').ShortestPathTo(Metadata('Name', 'veth1'))", /^host web-1 –ownership– bridge br0 –layer2– veth veth1\n$/],
    ['G.V().Count()', /^4\n$/],
    ["G.V().Has('MTU').Sort('Name').Values('MTU')", /^1500\n1500\n9000\n$/],
    ["G.V().Has('Type', 'none')", /^$/],
    ['G.V().Metrics()', /^\(none\)\n$/],
  ])('%s', async (query, expected) => {
    const { code, answers } = await gremlin(query);
    expect(answers).toMatch(expected);
    expect(code).toBe(0);
  });

  it("Skydive's form as JSON", async () => {
    expect(JSON.parse((await gremlin("G.V().Has('Name', 'br0')", '-o', 'json')).answers)).toMatchObject([{ ID: 'br', DeletedAt: null }]);
    expect((await gremlin("G.V().Values('None')", '-o', 'json')).answers).toBe('null\n');
  });

  it('the plan', async () => {
    const { answers } = await gremlin("G.V().Has('Name', 'br0').Out()", '--explain');
    expect(cells(answers)).toEqual([
      ['STEP', 'TAKES', 'GIVES', 'ACCESS'],
      ["V().Has('Name', 'br0')", 'graph', 'nodes', 'index on Name'],
      ['Out()', 'nodes', 'nodes'],
    ]);
  });

  it('where a string is wrong', async () => {
    const { code, messages } = await gremlin("G.V().Hass('Type')");
    expect(code).toBe(2);
    expect(messages).toBe(
      [
        'GREMLIN_SYNTAX: Expected step function, got: Hass',
        "  G.V().Hass('Type')",
        '        ^',
        'Expected here: a step. Did you mean Has?',
        '',
      ].join('\n'),
    );
    expect((await gremlin("G.V('none')")).messages).toBe("BAD_INPUT: Node 'none' does not exist\n  G.V('none')\n      ^\n");
  });
});

it('canopy gremlin --watch shows every other answer', async () => {
  const terminal = recordTerminal();
  const done = run(['gremlin', "G.V().Has('Type', 'later').Count()", '--watch', '-o', 'json', '--analyzer', rig.url], terminal);
  await expect.poll(() => terminal.answers, PATIENCE).toBe('0\n');
  await publish(rig.url, { nodes: [{ id: 'l1', name: 'l1', type: 'later', host: 'web-1' }] });
  await expect.poll(() => terminal.answers, PATIENCE).toBe('0\n1\n');
  await publish(rig.url, { nodes: [{ id: 'o1', name: 'o1', type: 'other', host: 'web-1' }] });
  await publish(rig.url, { nodes: [{ id: 'l2', name: 'l2', type: 'later', host: 'web-1' }] });
  await expect.poll(() => terminal.answers, PATIENCE).toBe('0\n1\n2\n');
  terminal.interrupt();
  expect(await done).toBe(0);
});
