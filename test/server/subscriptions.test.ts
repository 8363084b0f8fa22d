import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from './rawClient.js';
import { http, openRig, publish, type Rig } from './rig.js';

const LIVE = `subscription ($after: Cursor, $filter: TopologyFilter, $batch: BatchInput) {
  topologyChanges(after: $after, filter: $filter, batch: $batch) {
    __typename
    ... on TopologySnapshot { nodes { key id metadata } edges { key id } last: cursor complete }
    ... on TopologyChanges { cursor changes { op reason cursor element { __typename ... on Node { key id metadata } ... on Edge { key id } } paths { path before after } } }
    ... on EventsLost { count }
    ... on ResyncRequired { reason oldest }
  }
}`;

interface Event {
  readonly __typename: string;
  readonly nodes?: readonly { readonly id: string; readonly key: string }[];
  readonly edges?: readonly { readonly id: string; readonly key: string }[];
  /** Of the last page of a snapshot; of each batch. */
  readonly last?: string | null;
  readonly cursor?: string;
  readonly complete?: boolean;
  readonly changes?: readonly { readonly op: string; readonly element: { readonly id: string; readonly key: string } }[];
}

/** What a client knows: keys by id, and its last cursor. */
class Picture {
  readonly keys = new Map<string, string>();
  cursor: string | undefined;

  take(event: Event): void {
    for (const { id, key } of [...(event.nodes ?? []), ...(event.edges ?? [])]) this.keys.set(id, key);
    for (const { op, element } of event.changes ?? []) {
      expect(this.keys.has(element.id)).toBe(op !== 'ADDED');
      if (op === 'REMOVED') this.keys.delete(element.id);
      else this.keys.set(element.id, element.key);
    }
    if (event.__typename !== 'TopologySnapshot' && event.__typename !== 'TopologyChanges') throw new Error(JSON.stringify(event));
    this.cursor = event.cursor ?? event.last ?? this.cursor;
  }
}

const device = (id: string, more: object = {}) => ({ id, name: id, type: 'device', metadata: more });
const live = async (url: string, id: string, variables: object = {}): Promise<RawClient> => {
  const client = await RawClient.open(url);
  await client.init();
  client.subscribe(id, LIVE, variables);
  return client;
};
const events = (client: RawClient, id: string) => client.next<{ topologyChanges: Event }>(id).map(({ topologyChanges }) => topologyChanges);

let rig: Rig;
beforeEach(async () => void (rig = await openRig()));
afterEach(() => rig.close());

/** Everything that is there now, as `id key`. */
async function present(): Promise<string[]> {
  const { data } = await http.ask(rig.url, { query: '{ topology { nodes { id key } edges { id key } } }' });
  const { nodes, edges } = (data as { topology: { nodes: { id: string; key: string }[]; edges: { id: string; key: string }[] } }).topology;
  return [...nodes, ...edges].map(({ id, key }) => `${id} ${key}`).sort();
}

describe('topologyChanges over a socket', () => {
  it('misses nothing and repeats nothing, however often the socket is cut', async () => {
    const picture = new Picture();
    await publish(rig.url, { nodes: [device('a'), device('b')], edges: [{ source: 'a', target: 'b', relationType: 'layer2' }] });
    for (let round = 0; round < 12; round++) {
      const client = await live(rig.url, 'x', { after: picture.cursor, batch: { every: '0ms' } });
      const writing = (async () => {
        for (let step = 0; step < 10; step++) {
          await publish(rig.url, {
            nodes: [device(`n${step}`, { Round: round })],
            removed: step % 3 === 0 && round > 0 ? [`n${(step + 5) % 10}`] : [],
          });
        }
      })();
      await client.until(() => events(client, 'x').length >= 1 + ((round * 7) % 5));
      client.cut();
      for (const event of events(client, 'x')) picture.take(event);
      await writing;
    }
    const client = await live(rig.url, 'x', { after: picture.cursor, batch: { every: '0ms' } });
    await publish(rig.url, { nodes: [device('last')] });
    await client.until(() => events(client, 'x').some(({ changes }) => changes?.some(({ element }) => element.id === 'last')));
    for (const event of events(client, 'x')) picture.take(event);
    client.cut();
    expect([...picture.keys].map(([id, key]) => `${id} ${key}`).sort()).toEqual(await present());
  });

  it('sends the same bytes to everybody of a group, and to one who is alone', async () => {
    const filter = { nodes: { type: { eq: 'device' } } };
    const crowd = await Promise.all(['1', '2', '3'].map((id) => live(rig.url, id, { filter })));
    const loner = await live(rig.url, '4', { filter, unused: true });
    const everybody = [...crowd, loner];
    await Promise.all(everybody.map((client, index) => client.until(() => events(client, String(index + 1)).length > 0)));
    for (let step = 0; step < 5; step++) {
      await publish(rig.url, { nodes: [device('a', { Step: step, Text: 'é€😀' }), device(`b${step}`)] });
      await Promise.all(everybody.map((client, index) => client.until(() => events(client, String(index + 1)).length > step + 1)));
    }
    const bytes = everybody.map((client, index) =>
      client.messages.filter(({ type }) => type === 'next').map(({ text }) => text.replace(`"id":"${index + 1}"`, '"id":"?"')),
    );
    expect(bytes[0]).toHaveLength(6);
    for (const others of bytes) expect(others).toEqual(bytes[0]);
    const { data } = await http.ask(rig.url, { query: '{ status { subscriptions { connections subscriptions groups } } }' });
    expect(data).toEqual({ status: { subscriptions: { connections: 4, subscriptions: 4, groups: 2 } } });
    for (const client of everybody) client.cut();
  });

  it('costs little for a subscriber that stops reading, who is told everything afterwards', async () => {
    const filling = 'x'.repeat(4_000);
    const slow = await live(rig.url, 's', { batch: { every: '0ms' } });
    const quick = await live(rig.url, 'q', { batch: { every: '0ms' } });
    await Promise.all([slow.until(() => events(slow, 's').length > 0), quick.until(() => events(quick, 'q').length > 0)]);
    slow.socket.pause();
    for (let round = 0; round < 80; round++) {
      await publish(rig.url, { nodes: Array.from({ length: 100 }, (_, index) => device(`n${index}`, { Round: round, Filling: filling })) });
    }
    await publish(rig.url, { nodes: [device('last')] });
    const isLast = ({ changes }: Event) => changes?.some(({ element }) => element.id === 'last') ?? false;
    await quick.until(() => events(quick, 'q').some(isLast));
    const metrics = await (await fetch(`${rig.url}/metrics`)).text();
    const figure = (name: string) => Number(new RegExp(`^canopy_${name} (\\S+)$`, 'm').exec(metrics)![1]);
    expect(figure('cache_bytes{cache="subscriptions"}'.replace(/[{}]/g, '\\$&'))).toBeLessThan(32 * 1024 * 1024);
    slow.socket.resume();
    await slow.until(() => events(slow, 's').some(isLast));
    const picture = new Picture();
    for (const event of events(slow, 's')) picture.take(event);
    expect([...picture.keys].map(([id, key]) => `${id} ${key}`).sort()).toEqual(await present());
    const after = await (await fetch(`${rig.url}/metrics`)).text();
    expect(Number(/^canopy_subscription_ring_falls_total (\S+)$/m.exec(after)![1])).toBeGreaterThan(0);
    slow.cut();
    quick.cut();
  });

  it('goes on after a restart of the analyzer', async () => {
    await publish(rig.url, { nodes: [device('a')] });
    const first = await live(rig.url, 'x');
    await first.until(() => events(first, 'x').some(({ complete }) => complete));
    const { last: cursor } = events(first, 'x').at(-1)!;
    await publish(rig.url, { nodes: [device('b')] });
    rig = await rig.restart();
    await first.until(() => first.closed !== undefined);
    expect(first.closed).toMatchObject({ code: 1001 });
    const second = await live(rig.url, 'x', { after: cursor });
    await second.until(() => events(second, 'x').some(({ changes }) => changes?.some(({ element }) => element.id === 'b')));
    expect(events(second, 'x').every(({ __typename }) => __typename === 'TopologyChanges')).toBe(true);
    second.cut();
  });

  it('answers a cursor that leads nowhere and ends the operation', async () => {
    const far = `c1.${Buffer.from('1.zzzz').toString('base64url')}`;
    const client = await live(rig.url, 'x', { after: far });
    await client.until(() => client.messages.some(({ type }) => type === 'complete'));
    expect(events(client, 'x')).toMatchObject([{ __typename: 'ResyncRequired', reason: expect.any(String), oldest: expect.any(String) }]);
    client.cut();
  });

  it('tells the first change after a quiet moment at once, whatever the spacing', async () => {
    const client = await live(rig.url, 'x', { batch: { every: '1h' } });
    await client.until(() => events(client, 'x').length > 0);
    await publish(rig.url, { nodes: [device('a')] });
    await client.until(() => events(client, 'x').length > 1);
    expect(events(client, 'x')[1]).toMatchObject({ changes: [{ op: 'ADDED', element: { id: 'a' } }] });
    client.cut();
  });

  it('refuses what an event cannot have, naming the field', async () => {
    const client = await RawClient.open(rig.url);
    await client.init();
    client.subscribe('x', 'subscription { topologyChanges { ... on TopologySnapshot { nodes { id neighbors { totalCount } } } } }');
    await client.until(() => client.messages.some(({ type }) => type === 'error'));
    expect(client.messages.at(-1)!.payload).toMatchObject([
      { message: expect.stringContaining("'Node.neighbors'"), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
    client.cut();
  });

  it('ends when the client completes it, and its group with the last', async () => {
    const client = await live(rig.url, 'x');
    await client.until(() => events(client, 'x').length > 0);
    client.send({ id: 'x', type: 'complete' });
    await publish(rig.url, { nodes: [device('a')] });
    const groups = async () => {
      const { data } = await http.ask(rig.url, { query: '{ status { subscriptions { subscriptions groups } } }' });
      return (data as { status: { subscriptions: object } }).status.subscriptions;
    };
    expect(await groups()).toEqual({ subscriptions: 0, groups: 0 });
    expect(events(client, 'x')).toHaveLength(1);
    client.cut();
  });
});

describe('other subscriptions', () => {
  it('overviewChanges sends the present, and again when it is different', async () => {
    const client = await RawClient.open(rig.url);
    await client.init();
    client.subscribe('o', 'subscription { overviewChanges(groupBy: TYPE, every: "100ms") { groups { label counts { count } } } }');
    await client.until(() => client.next('o').length === 1);
    await publish(rig.url, { nodes: [device('a')] });
    await client.until(() => client.next('o').length === 2);
    expect(client.next('o')[1]).toEqual({ overviewChanges: { groups: [{ label: 'device', counts: [{ count: 1 }] }] } });
    client.cut();
  });

  it('statusChanges sends the status at once', async () => {
    const client = await RawClient.open(rig.url);
    await client.init();
    client.subscribe('s', 'subscription { statusChanges { version nodes } }');
    await client.until(() => client.next('s').length === 1);
    expect(client.next('s')).toMatchObject([{ statusChanges: { nodes: 0 } }]);
    client.cut();
  });
});

describe('a connection', () => {
  it('is closed when it says nothing, or too much', async () => {
    const client = await RawClient.open(rig.url);
    client.send({ id: 'x', type: 'subscribe', payload: { query: '{ __typename }' } });
    await client.until(() => client.closed !== undefined);
    expect(client.closed!.code).toBe(4401);
    const other = await RawClient.open(rig.url);
    other.ws.send('x'.repeat(5 * 1024 * 1024));
    await other.until(() => other.closed !== undefined);
    expect(other.closed!.code).toBe(1009);
  });

  it('has a bounded number of subscriptions', async () => {
    await rig.close();
    rig = await openRig({ config: { 'limits.subscriptionsPerConnection': 2, 'limits.operationsPerConnection': 3 } });
    const client = await RawClient.open(rig.url);
    await client.init();
    for (const id of ['1', '2', '3']) client.subscribe(id, LIVE);
    await client.until(() => client.messages.some(({ type }) => type === 'error'));
    expect(client.messages.find(({ type }) => type === 'error')).toMatchObject({
      id: '3',
      payload: [{ extensions: { code: 'LIMIT_EXCEEDED', details: { limit: 'subscriptionsPerConnection', valid: 2 } } }],
    });
    client.cut();
  });
});
