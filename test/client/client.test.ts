import { parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { CanopyError, connect, type TopologyNews, type TypedDocument } from '../../src/client/index.js';
import { openLine } from '../server/line.js';
import { openRig, publish, type Rig } from '../server/rig.js';
import { PATIENCE } from '../patience.js';

/** What a generator makes of a document: parsed, with the types of its answer and of its variables. */
const typed = <Result, Variables>(text: string) => parse(text) as ReturnType<typeof parse> & TypedDocument<Result, Variables>;

const NAMES = typed<{ nodes: { nodes: { name: string }[] } }, { type: string }>(
  'query ($type: String!) { nodes(filter: { type: { eq: $type } }) { nodes { name } } }',
);
const CHANGES = `subscription ($after: Cursor) {
  topologyChanges(after: $after) {
    __typename
    ... on TopologySnapshot { cursor complete }
    ... on TopologyChanges { cursor changes { op element { ... on Node { name } } } }
  }
}`;
interface ChangesEvent {
  readonly topologyChanges: { readonly __typename: string; readonly changes?: readonly { readonly element: { readonly name: string } }[] };
}

describe('a client', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig();
  });
  afterEach(() => rig.close());
  const add = (name: string) => publish(rig.url, { nodes: [{ id: name, name, type: 'thing' }] });

  it('asks with text and with typed documents', async () => {
    await add('one');
    const canopy = connect({ url: `${rig.url}/` });
    const answer = await canopy.ask(NAMES, { type: 'thing' });
    expectTypeOf(answer).toEqualTypeOf<{ nodes: { nodes: { name: string }[] } }>();
    expect(answer).toEqual({ nodes: { nodes: [{ name: 'one' }] } });
    expect(await canopy.ask('{ nodes { totalCount } }')).toEqual({ nodes: { totalCount: 1 } });
    // @ts-expect-error a variable of another type does not compile
    await expect(canopy.ask(NAMES, { type: 7 })).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('throws errors with the code of the analyzer and their place in the document', async () => {
    const canopy = connect({ url: rig.url });
    const failure = await canopy.ask('{ nodes { nope } }').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CanopyError);
    expect(failure).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('  { nodes { nope } }\n            ^') as string });
    await expect(connect({ url: 'http://127.0.0.1:1' }).ask('{ serverTime }')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const parts = await canopy.askParts<{ node: null }, object>('{ node(id: "nowhere") { id } }');
    expect(parts).toEqual({ data: { node: null }, errors: [] });
  });

  it('shows its token on every door', async () => {
    const guarded = await openRig({ config: { 'tokens.readers': ['reader-1'] } });
    try {
      const stranger = connect({ url: guarded.url });
      await expect(stranger.ask('{ nodes { totalCount } }')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      await expect(stranger.watchTopology().next()).rejects.toMatchObject({
        code: expect.stringMatching(/UNAUTHENTICATED|FORBIDDEN/) as string,
      });
      const canopy = connect({ url: guarded.url, token: 'reader-1' });
      expect(await canopy.ask('{ nodes { totalCount } }')).toEqual({ nodes: { totalCount: 0 } });
      for await (const news of canopy.watchTopology()) {
        expect(news).toMatchObject({ kind: 'present', isComplete: true });
        break;
      }
    } finally {
      await guarded.close();
    }
  });

  it('follows a subscription across cut connections, and misses and repeats nothing', async () => {
    const line = await openLine(rig.url);
    const losses: string[] = [];
    const events = connect({ url: line.url }).follow<ChangesEvent, object>(CHANGES, {}, { onLost: ({ code }) => losses.push(code) });
    const nextNames = async (count: number): Promise<string[]> => {
      const names: string[] = [];
      while (names.length < count) {
        const { value } = await events.next();
        names.push(...((value as ChangesEvent).topologyChanges.changes ?? []).map(({ element }) => element.name));
      }
      return names;
    };
    expect((await events.next()).value).toMatchObject({ topologyChanges: { __typename: 'TopologySnapshot', complete: true } });
    await add('before');
    expect(await nextNames(1)).toEqual(['before']);
    for (let round = 0; round < 3; round++) {
      line.cut();
      line.mend();
      await add(`away-${round}`);
      await add(`still-away-${round}`);
      expect(await nextNames(2)).toEqual([`away-${round}`, `still-away-${round}`]);
    }
    expect(losses).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
    await events.return();
    line.close();
  });

  it('watches the topology: the picture, then what changes, until the signal', async () => {
    await add('one');
    const stop = new AbortController();
    const heard: TopologyNews[] = [];
    for await (const news of connect({ url: rig.url }).watchTopology({ signal: stop.signal })) {
      heard.push(news);
      if (heard.length === 1) await add('two');
      else stop.abort();
    }
    expect(heard).toMatchObject([
      { kind: 'present', nodes: [{ name: 'one' }], isComplete: true },
      { kind: 'changes', changes: [{ op: 'ADDED', element: { name: 'two' } }] },
    ]);
  });

  it('holds no connection after its reader has left the loop', async () => {
    const canopy = connect({ url: rig.url });
    for await (const _news of canopy.watchTopology()) break;
    for await (const _event of canopy.follow(CHANGES)) break;
    const connections = async () =>
      (await canopy.ask<{ status: { subscriptions: { connections: number } } }, object>('{ status { subscriptions { connections } } }'))
        .status.subscriptions.connections;
    await expect.poll(connections, PATIENCE).toBe(0);
  });
});
