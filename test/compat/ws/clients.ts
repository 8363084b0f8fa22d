import { afterAll, afterEach, beforeAll } from 'vitest';
import { openRig, type Rig } from '../../server/rig.js';
import { gremlinAt } from '../asking.js';
import { Peer, type PeerOptions } from './peer.js';

/** An analyzer for the tests of a file, and clients of it that go when a test ends. */
export interface Clients {
  /** Of the analyzer, while tests run. */
  readonly url: string;
  connect(path: string, options?: PeerOptions): Promise<Peer>;
  /** Takes one to close that was connected otherwise. */
  keep(peer: Peer): Peer;
  gremlin(query: string): Promise<unknown>;
}

/** Called at the top of a file of tests; `options` are those of the analyzer. */
export function withClients(options?: Parameters<typeof openRig>[0]): Clients {
  let rig: Rig;
  const peers: Peer[] = [];
  const keep = (peer: Peer): Peer => {
    peers.push(peer);
    return peer;
  };
  beforeAll(async () => {
    rig = await openRig(options);
  });
  afterEach(() => {
    for (const peer of peers.splice(0)) peer.close();
  });
  afterAll(() => rig.close());
  return {
    get url() {
      return rig.url;
    },
    connect: async (path, given) => keep(await Peer.connect(rig.url, path, given)),
    keep,
    gremlin: (query) => gremlinAt(rig.url, query),
  };
}
