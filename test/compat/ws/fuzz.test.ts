import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRig, type Rig } from '../../server/rig.js';
import { Peer } from './peer.js';

/** Messages by this flag; ten thousand unless given. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);

const TYPES = [
  'NodeAdded',
  'NodeUpdated',
  'NodeDeleted',
  'NodePartiallyUpdated',
  'EdgeAdded',
  'EdgeUpdated',
  'EdgeDeleted',
  'Sync',
  'SyncRequest',
  '',
];

const id = fc.constantFrom('a', 'b', 'c', '', '__proto__', 'constructor');
const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(null, 'veth', 7, -1, 1e300, true));
const element = fc.record(
  {
    ID: fc.oneof(id, value),
    Host: value,
    Parent: fc.oneof(id, value),
    Child: fc.oneof(id, value),
    Metadata: fc.oneof(fc.dictionary(fc.constantFrom('Name', 'Type', 'RelationType', 'Path', 'a.b', '__proto__'), value), value),
    CreatedAt: value,
    UpdatedAt: value,
    Revision: value,
    Ops: fc.oneof(
      fc.array(fc.record({ Type: fc.constantFrom(1, 2, 3), Key: fc.constantFrom('a', 'a.b', '', '__proto__.x'), Value: value })),
      value,
    ),
    Nodes: value,
    Edges: value,
    GremlinFilter: fc.constantFrom(null, '', 'G', 'G.V(', "G.V().Has('Type', 'veth').SubGraph()"),
    Time: value,
  },
  { requiredKeys: [] },
);
const message = fc.record(
  {
    Namespace: fc.constantFrom('Graph', 'Graph', 'Graph', 'Other', ''),
    Type: fc.constantFrom(...TYPES),
    UUID: fc.string(),
    Obj: fc.oneof(element, value),
  },
  { requiredKeys: [] },
);
const frame = fc.oneof(
  { weight: 8, arbitrary: message.map((one): string | Uint8Array => JSON.stringify(one)) },
  { weight: 1, arbitrary: fc.string() as fc.Arbitrary<string | Uint8Array> },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }) as fc.Arbitrary<string | Uint8Array> },
);

describe('whatever old clients send', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig({ config: { 'quota.changesPerSecond': 1_000_000 } });
  });
  afterAll(() => rig.close());

  it.each(['/ws/publisher', '/ws/pubsub', '/ws/subscriber', '/ws/agent/topology', '/ws/agent/flow'])(
    'the analyzer stays, at %s',
    { timeout: 300_000 },
    async (path) => {
      const frames = fc.sample(frame, { numRuns: Math.ceil(RUNS / 4), seed: 7 });
      let peer: Peer | undefined;
      for (const bytes of frames) {
        // A connection may be closed over what was said; whoever comes back is heard again.
        if (peer === undefined || peer.closed !== undefined) peer = await Peer.connect(rig.url, path);
        peer.webSocket.send(bytes);
      }
      peer?.close();
      const last = await Peer.connect(rig.url, '/ws/pubsub');
      last.send('NodeAdded', { ID: `after${path}`, Metadata: { Name: 'after', Type: 'thing' } });
      const answer = await last.synchronize({ GremlinFilter: '' });
      expect(answer).toMatchObject({ Type: 'SyncReply', Status: 200 });
      expect(JSON.stringify(answer.Obj)).toContain(`after${path}`);
      last.close();
    },
  );
});
