import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { BUNDLED_WORKFLOWS } from '../../src/services/workflows/bundled.js';

type Answers = Readonly<Record<string, unknown>>;

/** Runs one as it will be run: its source is a function, and what it may call is around it. `answers`: of Gremlin strings, by what is in them. */
async function run(
  name: string,
  parameters: readonly unknown[],
  answers: Answers,
): Promise<{ readonly result: unknown; readonly done: unknown[] }> {
  const done: unknown[] = [];
  const resource = (kind: string) => ({
    create: (value: object) => {
      done.push([kind, value]);
      return Promise.resolve({ ...value, UUID: `${kind}-1` });
    },
    delete: (id: string) => Promise.resolve(done.push(['delete', id])),
  });
  const globals = {
    Gremlin: (query: string) => {
      const [, answer] = Object.entries(answers).find(([part]) => query.includes(part)) ?? [];
      return JSON.stringify(answer ?? null);
    },
    client: { captures: resource('capture'), packetInjections: resource('injection') },
    sleep: () => Promise.resolve(),
  };
  const { Source } = BUNDLED_WORKFLOWS.find(({ value }) => value.Name === name)!.value;
  const workflow = new Script(`(${String(Source)})`).runInNewContext(globals) as (...given: readonly unknown[]) => Promise<unknown>;
  return { result: JSON.parse(JSON.stringify(await workflow(...parameters))), done };
}

const node = (id: string, metadata: object = {}) => ({ ID: id, Metadata: { Name: id, TID: `${id}-tid`, ...metadata } });
const ends = { '"@ID", \'a\'': [node('a')], '"@ID", \'b\'': [node('b')] };

describe('bundled workflows', () => {
  it('take as many arguments as they name parameters', () => {
    for (const { id, value } of BUNDLED_WORKFLOWS) {
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      const source = new Script(`(${String(value.Source)})`).runInNewContext({}) as { readonly length: number; readonly name: string };
      expect(source).toHaveLength((value.Parameters as readonly unknown[]).length);
      expect(source.name).toBe(value.Name);
    }
  });

  it.each([
    [[1500, undefined, 1500, 9000], true],
    [[1500, 1400], false],
  ])('find an MTU that shrinks in %j', async (mtus, result) => {
    const path = mtus.map((MTU, at) => node(`p${at}`, { MTU }));
    expect(await run('CheckMTU', ['a', 'b'], { ShortestPathTo: [path], ...ends })).toEqual({ result, done: [] });
    await expect(run('CheckMTU', ['a', 'x'], ends)).rejects.toThrow('there is no node x');
  });

  it('send packets, and end their capture', async () => {
    const answers = { 'G.Flows()': [{ UUID: 'f' }], ShortestPathTo: [[node('a'), node('b')]], ...ends };
    const { result, done } = await run('CheckConnectivity', ['a', 'b'], answers);
    expect(result).toEqual({ Connectivity: true, Flows: [{ UUID: 'f' }] });
    expect(done).toMatchObject([
      ['capture', {}],
      ['injection', { Type: 'icmp4', Count: 5 }],
      ['delete', 'capture-1'],
    ]);
  });

  it('join sockets', async () => {
    const socket = (Name: string, State: string, LocalPort: number, RemotePort: number) => ({
      ...{ Name, State, Protocol: 'TCP', LocalAddress: '10.0.0.1', LocalPort, RemoteAddress: '10.0.0.1', RemotePort },
    });
    const Sockets = [socket('web', 'LISTEN', 80, 0), socket('curl', 'ESTABLISHED', 4000, 80)];
    const { result } = await run('FlowMatrix', [false, 'graph', false], { Sockets: [node('h', { Sockets })] });
    expect(result).toMatchObject({ edges: { 'h/curl h/web TCP 10.0.0.1:80': { Parent: 'h/curl', Child: 'h/web' } } });
  });

  it('name the checkpoints that traffic did not reach', async () => {
    const answers = { 'G.Flows()': ['a-tid'], Captures: [node('a'), node('b')], ...ends };
    const { result, done } = await run('FlowValidation', ['a', 'b', false, 'tcp', '10.0.0.1', '', 80, 1], answers);
    expect(result).toEqual({ Connectivity: false, NotReachedNodes: ['b'] });
    expect(done[0]).toMatchObject(['capture', { BPFFilter: 'tcp and src host 10.0.0.1 and port 80' }]);
  });
});
