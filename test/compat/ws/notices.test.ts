import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { CompatDoor } from '../../../src/compat/ws/door.js';
import { OldAgents } from '../../../src/compat/agents/oldAgents.js';
import { everybody } from '../../../src/services/viewer.js';
import { Captured } from '../../flowstore/packets.js';
import { openWorld, smallHost, type World } from '../../services/world.js';
import { Peer } from './peer.js';

let world: World;
let door: CompatDoor;
let server: Server;
let url: string;
const peers: Peer[] = [];
beforeAll(async () => {
  world = await openWorld();
  world.write(...smallHost);
  const { services } = world;
  door = new CompatDoor({
    services,
    authenticate: () => everybody,
    admitAgent: () => everybody,
    isOurAgent: () => false,
    oldAgents: new OldAgents({ services: () => world.services, clock: systemClock, log: silentLog }),
    hostId: 'here',
    clock: systemClock,
    log: silentLog,
  });
  server = createServer().on('upgrade', (request, socket, head) => door.handleUpgrade(request, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});
afterAll(async () => {
  await door.close();
  server.close();
  await world.close();
});

async function connect(path: string, namespaces: readonly string[] = []): Promise<Peer> {
  const peer = await Peer.connect(url, path, { headers: { 'X-Websocket-Namespace': [...namespaces] } });
  peers.push(peer);
  return peer;
}

describe('who listens to flows', () => {
  it('hears of all, or of one capture', async () => {
    const all = await connect('/ws/subscriber/flow');
    const one = await connect('/ws/subscriber/flow', ['flow/c2']);
    for (const capture of ['c1', 'c2']) {
      const captured = new Captured(capture, 'veth0', 'tid');
      captured.packet(1_000, { from: '10.0.0.1', to: '10.0.0.2', fromPort: 5_000, toPort: 53 });
      for (const batch of captured.update(5_000)) await world.services.flows.take('agent.web-1', batch, 0);
    }
    await one.until(({ Type }) => Type === 'store');
    await all.until(({ Obj }) => (Obj as { CaptureID: string }[])[0]?.CaptureID === 'c2');
    // Who names nothing hears each flow once.
    expect(all.received.map(({ Namespace, Type }) => `${Namespace} ${Type}`)).toEqual(['flow store', 'flow store']);
    expect(one.received).toHaveLength(1);
    expect(one.received[0]!.Obj).toMatchObject([{ CaptureID: 'c2', NodeTID: 'tid', Network: { A: '10.0.0.1' }, Metric: { ABPackets: 1 } }]);
  });

  it('does not hear the graph', async () => {
    const listener = await connect('/ws/subscriber/flow');
    const graph = await connect('/ws/subscriber');
    world.write({ op: 'putNode', id: 'unheard', host: 'web-1', metadata: { Name: 'unheard', Type: 'dummy' } });
    await graph.until(({ Type }) => Type === 'NodeAdded');
    expect(listener.received).toEqual([]);
  });
});

describe('who listens to the graph', () => {
  it('hears of captures that begin and end', async () => {
    const listener = await connect('/ws/subscriber', ['OnDemandCaptureNotification']);
    const scope = world.services.openScope(everybody);
    const asker = { viewer: everybody, scope };
    const { id } = await world.services.captures.create(asker, { gremlin: "G.V().Has('Name', 'nobody')" });
    const added = await listener.until(({ Type }) => Type === 'Added');
    expect(added).toMatchObject({ Namespace: 'OnDemandCaptureNotification', Obj: { UUID: id, Count: 0 } });
    await world.services.captures.remove(asker, id);
    await listener.until(({ Type }) => Type === 'Deleted');
    scope.release();
  });
});
