import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import type { JsonObject } from '../../src/common/json.js';
import { EtcdRegistry } from '../../src/registry/etcd/registry.js';
import { describeWith, program } from '../needs.js';
import { PATIENCE } from '../patience.js';
import { EtcdServer } from '../registry/homes.js';
import { node, openWorld, owns, type World } from './world.js';

const CREATE = 'mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { id } } }';
const INJECT = 'mutation ($input: InjectPacketsInput!) { injectPackets(input: $input) { injection { id } } }';
const CANCEL = 'mutation ($id: ID!) { cancelInjection(id: $id) { injection { id } } }';

describeWith([program('etcd')], 'two analyzers with one registry', () => {
  let etcd: EtcdServer;
  let here: World;
  let there: World;
  const registries: EtcdRegistry[] = [];

  const opened = async (): Promise<World> => {
    const registry = new EtcdRegistry({ endpoints: [etcd.url], prefix: '/canopy', clock: systemClock, log: silentLog });
    registries.push(registry);
    const world = await openWorld({ registry });
    world.write(
      node('host', 'host', { Name: 'web-1' }),
      node('eth0', 'veth', { Name: 'eth0', TID: 't-eth0', MAC: '02:00:00:00:00:0a', IPV4: ['10.0.0.1/24'] }),
      owns('host', 'eth0'),
    );
    return world;
  };
  beforeAll(async () => {
    etcd = await EtcdServer.start();
    [here, there] = [await opened(), await opened()];
  });
  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await Promise.all(registries.map((registry) => registry.close()));
    await etcd.close();
  });

  const capture = async (world: World, input: JsonObject): Promise<string | undefined> =>
    (await world.ask(CREATE, { input })).data?.['createCapture']?.['capture']['id'];
  const captures = async (world: World): Promise<string[]> =>
    (await world.data<{ captures: { nodes: { id: string }[] } }>('{ captures { nodes { id } } }')).captures.nodes.map(({ id }) => id);
  const sent = (world: World, kind: string): number => world.agentPort.sent.filter(({ message }) => message.kind === kind).length;
  const injection = async (world: World, id: string): Promise<JsonObject | null> =>
    (await world.data<{ injection: JsonObject | null }>(`{ injection(id: "${id}") { state sent } }`)).injection;
  /** Begins one by the agent of the first analyzer, which sends for long. */
  const begin = async (): Promise<string> => {
    const input = { srcNode: 'eth0', dstIp: '10.0.0.9', dstMac: '02:00:00:00:00:09', count: 1_000, interval: '1s' };
    return (await here.data<{ injectPackets: { injection: { id: string } } }>(INJECT, { input })).injectPackets.injection.id;
  };

  it('run a capture of either by the agents of both, and end it by either', async () => {
    const id = (await capture(here, { gremlin: "G.V().Has('Name', 'eth0')" }))!;
    await expect.poll(() => captures(there), PATIENCE).toEqual([id]);
    for (const world of [here, there]) await expect.poll(() => sent(world, 'captureTasks'), PATIENCE).toBe(1);
    await there.data(`mutation { deleteCapture(id: "${id}") { capture { id } } }`);
    await expect.poll(() => captures(here), PATIENCE).toEqual([]);
    for (const world of [here, there]) await expect.poll(() => sent(world, 'captureTasks'), PATIENCE).toBe(2);
  });

  it('make one capture of two that are asked for at one moment', async () => {
    const asked = [here, there, here, there].map((world) => capture(world, { gremlin: "G.V().Has('Name', 'eth0')", bpf: 'tcp' }));
    const made = (await Promise.all(asked)).filter((id) => id !== undefined);
    expect(made).toHaveLength(1);
    for (const world of [here, there]) await expect.poll(() => captures(world), PATIENCE).toEqual(made);
    await here.data(`mutation { deleteCapture(id: "${made[0]!}") { capture { id } } }`);
  });

  it('send packets once, and show and end what the other one sends', async () => {
    const id = await begin();
    const tell = (state: 'ACTIVE' | 'CANCELLED', count: number): void =>
      here.services.injections.progress({ kind: 'injectProgress', id, node: 'eth0', state, sent: count, error: undefined });
    await expect.poll(() => injection(there, id), PATIENCE).toEqual({ state: 'ACTIVE', sent: 0 });
    tell('ACTIVE', 3);
    await expect.poll(() => injection(there, id), PATIENCE).toEqual({ state: 'ACTIVE', sent: 3 });
    expect(await there.data('{ injections { id } }')).toEqual({ injections: [{ id }] });
    await there.data(CANCEL, { id });
    await expect.poll(() => sent(here, 'injectCancel'), PATIENCE).toBe(1);
    tell('CANCELLED', 5);
    for (const world of [here, there]) await expect.poll(() => injection(world, id), PATIENCE).toEqual({ state: 'CANCELLED', sent: 5 });
    expect([sent(here, 'inject'), sent(there, 'inject'), sent(there, 'injectCancel')]).toEqual([1, 0, 0]);
  });
});
