import type { Random } from '../../simulator/random.js';
import { ROUTES } from '../auth/rules.js';
import { damaged, mutated, mutatedText } from './mutate.js';
import { say, several, type FuzzedDoor } from './target.js';

/** Every old route that is no question for a password, as its methods and its path. */
const OLD_ROUTES = Object.entries(ROUTES)
  .filter(([route]) => / \/api/.test(route))
  .flatMap(([route, { path, body }]) => {
    const [methods, pattern] = route.split(' ') as [string, string];
    return methods.split(',').map((method) => ({ method, path: path ?? pattern.replace('*', 'nothing'), body }));
  });

/** Bodies with every field that an old route reads. */
const BODIES: Readonly<Record<string, object>> = {
  '/api/topology': { GremlinQuery: "G.At('-1m', 10).V().Has('Name', Regex('.*')).Descendants(2).HasKey('a.b').Sort('Name').Limit(3)" },
  '/api/capture': {
    ...{
      GremlinQuery: "G.V().Has('Type', 'device')",
      BPFFilter: 'tcp port 80',
      Name: 'n',
      Description: 'd',
      Type: 'afpacket',
      HeaderSize: 64,
    },
    ...{ RawPacketLimit: 1, LayerKeyMode: 'L2', ExtraLayers: ['DNS'], Port: 0, SamplingRate: 1, PollingInterval: 10, ExtraTCPMetric: true },
  },
  '/api/injectpacket': {
    ...{
      Src: "G.V('a')",
      Dst: "G.V('b')",
      SrcIP: '10.0.0.1',
      DstIP: '10.0.0.2',
      SrcMAC: '02:00:00:00:00:01',
      Type: 'icmp4',
      Count: 2,
      ICMPID: 7,
    },
    ...{ Interval: 10, Payload: 'x', Increment: true, IncrementPayload: 1, Mode: 'unique', TTL: 64, SrcPort: 1, DstPort: 2, Pcap: 'AAAA' },
  },
  '/api/node': {
    ID: 'fuzz-node',
    Metadata: { Name: 'n', Type: 'device', a: { b: [1, { c: 2 }] } },
    CreatedAt: 1,
    UpdatedAt: 2,
    Revision: 1,
  },
  '/api/edge': { ID: 'fuzz-edge', Parent: 'fuzz-node', Child: 'fuzz-node', Metadata: { RelationType: 'layer2', Directed: true } },
  '/api/noderule': {
    Action: 'create',
    Query: "G.V('x')",
    Name: 'r',
    Description: 'd',
    Metadata: { Name: 'made', Type: 'device', 'a.b': 1 },
  },
  '/api/edgerule': { Src: "G.V('x')", Dst: "G.V('y')", Name: 'r', Description: 'd', Metadata: { RelationType: 'layer2' } },
  '/api/alert': { Name: 'a', Description: 'd', Expression: "G.V().Has('State', 'DOWN')", Action: 'http://x.test', Trigger: 'graph' },
  '/api/workflow': { Name: 'w', Description: 'd', Parameters: [{ Name: 'p', Type: 'string', Default: 1 }], Source: '() => 1' },
};
const PATCH = [
  { op: 'add', path: '/Metadata/x', value: { y: 1 } },
  { op: 'move', from: '/Metadata/x', path: '/Metadata/z' },
  { op: 'test', path: '/Metadata/Name', value: 'n' },
  { op: 'remove', path: '/Metadata/z' },
];
/** Global header of a pcap file, and one packet of nothing. */
const PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff0000010000000100000000000000040000000400000000000000', 'hex');
const ACCEPTED = ['application/json', 'application/vnd.graphviz', 'application/vnd.tcpdump.pcap', '*/*', ';;q=2'];

function bodyOf(random: Random, method: string, path: string, given: object | undefined): string | Buffer | undefined {
  if (path === '/api/pcap') return damaged(random, PCAP);
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (method === 'PATCH') return JSON.stringify(mutated(random, PATCH));
  const right = BODIES[path] ?? given ?? {};
  if (random.chance(0.1)) return mutatedText(random, JSON.stringify(right));
  return JSON.stringify(random.chance(0.1) ? right : mutated(random, right)) ?? '';
}

export const oldRoutes: FuzzedDoor = {
  name: "Skydive's routes",
  share: 24,
  send: ({ url, administrator }, random, messages) =>
    several(messages, () => {
      const route = random.pick(OLD_ROUTES);
      const named = route.path.endsWith('nothing') && random.chance(0.5) ? route.path.replace('nothing', 'fuzz-node') : route.path;
      const path = random.chance(0.85) ? named : `${random.chance(0.5) ? '' : '/api/'}${mutatedText(random, named)}?x=%ZZ`;
      const headers = {
        authorization: `Bearer ${administrator}`,
        accept: random.chance(0.6) ? ACCEPTED[0]! : random.pick(ACCEPTED),
        ...(random.chance(0.1) && { 'content-type': 'text/xml' }),
        ...(random.chance(0.05) && { 'content-encoding': 'gzip' }),
      };
      return say(url, { method: route.method, path, headers, body: bodyOf(random, route.method, route.path, route.body) });
    }),
};
