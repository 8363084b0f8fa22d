import { buildCanopySchema } from '../../../resolvers/build.js';
import type { Random } from '../../simulator/random.js';
import { documentOf, rootFields } from '../auth/rootFields.js';
import { mutated, mutatedText } from './mutate.js';
import { overSockets, say, several, type FuzzedDoor } from './target.js';

const NODE = '{ id name metadata neighbors(first: 2) { edges { node { id } } } ... on NetworkInterface { mac owner { id } } }';

/** Requests that are right. */
const REQUESTS: readonly Record<string, unknown>[] = [
  ...rootFields(buildCanopySchema()).map((field) => ({ query: documentOf(field) })),
  {
    query: `query Q($filter: NodeFilter, $at: DateTime) { nodes(filter: $filter, at: $at, first: 3) { totalCount edges { cursor node ${NODE} } } }`,
    variables: { filter: { metadata: [{ path: 'Name', string: { regex: '^e' } }], type: { in: ['device'] } }, at: '-1m' },
    operationName: 'Q',
  },
  {
    query: 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { cursor created updated removed } }',
    variables: {
      input: {
        origin: 'pub.fuzz',
        nodes: [{ id: 'fuzz-1', name: 'one', type: 'device', host: 'fuzz', metadata: { a: { b: [1, 2] } } }],
        edges: [{ id: 'fuzz-e', parent: 'fuzz-1', child: 'fuzz-1', relationType: 'layer2' }],
        ttl: '10s',
      },
    },
  },
  {
    query: 'query ($q: String!) { gremlin(query: $q) { json } }',
    variables: { q: "G.At('-1m').V().Has('Name', Regex('e.*')).Out().Dedup().Limit(3)" },
  },
  { query: 'subscription ($after: Cursor) { topologyChanges(after: $after) { __typename cursor } }', variables: { after: null } },
  { query: 'subscription { metrics(nodes: { type: { eq: "device" } }, interval: "1s") { __typename } }' },
  { query: 'query A { status { version } } query B { viewer { name } }', operationName: 'B', extensions: { persistedQuery: null } },
];

const requestOf = (random: Random): unknown => {
  const request = random.pick(REQUESTS);
  if (random.chance(0.1)) return request;
  return random.chance(0.5) ? mutated(random, request) : { ...request, query: mutatedText(random, request.query as string) };
};

const TYPES = [
  'application/json',
  'application/graphql-response+json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
];

export const graphqlOverHttp: FuzzedDoor = {
  name: 'GraphQL over HTTP',
  share: 18,
  send: ({ url, administrator }, random, messages) =>
    several(messages, () => {
      const request = requestOf(random);
      const headers = { authorization: `Bearer ${administrator}`, 'apollo-require-preflight': '1' };
      if (random.chance(0.2)) {
        const asked = Object.entries((request ?? {}) as object).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ]);
        return say(url, { method: 'GET', path: `/graphql?${new URLSearchParams(asked as [string, string][])}`, headers });
      }
      const text = JSON.stringify(request) ?? '';
      const type = random.chance(0.9) ? TYPES[0]! : random.pick(TYPES);
      const body = random.chance(0.1) ? mutatedText(random, text) : text;
      return say(url, { method: 'POST', path: '/graphql', headers: { ...headers, 'content-type': type }, body });
    }),
};

export const graphqlOverWebSocket: FuzzedDoor = {
  name: 'GraphQL over WebSocket',
  share: 18,
  send: ({ url, administrator }, random, messages) =>
    overSockets(
      url,
      messages,
      () => ({ path: '/graphql', protocols: ['graphql-transport-ws'], headers: { authorization: `Bearer ${administrator}` } }),
      (index) => {
        if (index === 0 && random.chance(0.9)) return '{"type":"connection_init"}';
        const id = String(random.below(5));
        const message = random.pick([
          { id, type: 'subscribe', payload: requestOf(random) },
          { id, type: 'subscribe', payload: requestOf(random) },
          { id, type: 'complete' },
          { type: 'ping', payload: { a: 1 } },
        ]);
        // Most break no rule of the protocol: that ends the connection, and nothing after it is read.
        if (random.chance(0.95)) return JSON.stringify(message);
        return random.chance(0.5) ? (JSON.stringify(mutated(random, message)) ?? '') : mutatedText(random, JSON.stringify(message));
      },
    ),
};
