import { execute, parse, subscribe, validate } from 'graphql';
import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RequestContext } from '../../../resolvers/context.js';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { OldAgents } from '../../../src/compat/agents/oldAgents.js';
import { serveRest } from '../../../src/compat/rest/rest.js';
import { CompatDoor } from '../../../src/compat/ws/door.js';
import type { Delta } from '../../../src/graph/delta.js';
import { openPolicy } from '../../../src/server/auth/policy.js';
import { serveFlowFiles } from '../../../src/server/flowFiles.js';
import { everybody, type Viewer } from '../../../src/services/viewer.js';
import { Captured } from '../../flowstore/packets.js';
import { Peer } from '../../compat/ws/peer.js';
import { edge, node, openWorld, owns, remove, type World } from '../../services/world.js';
import { PATIENCE } from '../../patience.js';
import { ROUTES } from './rules.js';
import { documentsOf, fields, schema, TELLING } from './tenantQuestions.js';

/** What is in everything of the other tenant, and in nothing of the one who asks. */
const SECRETS = ['redword', '203.0.113.66', '02:00:00:00:66:66'];
const policy = await openPolicy({
  policy: [],
  model: {},
  scopes: { blue: { nodes: { metadata: [{ path: 'Tenant', string: { eq: 'blue' } }] }, hide: ['Password'] } },
});
const blue = policy.viewer('ben', ['writer', 'administrator'], undefined, ['blue']);

let world: World;
let rest: FastifyInstance;
let door: CompatDoor;
let url: string;
/** Id of the tenant's own flow, and ids of what the other has. */
let own: string;
let theirs: { readonly flow: string; readonly capture: string; readonly view: string };
let began: number;

const interfaceOf = (id: string, mac: string, ip: string, tenant?: string): Delta =>
  node(id, 'veth', { TID: `t-${id}`, MAC: mac, IPV4: [`${ip}/24`], ...(tenant !== undefined && { Tenant: tenant }) }, `${id}-host`);

beforeAll(async () => {
  world = await openWorld();
  world.agentPort.present.clear(); // nobody is waited for: what is known of flows is what was taken
  const asker = { viewer: everybody, scope: world.services.openScope(everybody) };
  began = world.clock.now();
  world.write(
    node('blueword', 'netns', { Tenant: 'blue', Path: '/b', Password: 'redword-password' }, 'shared'),
    interfaceOf('blueword-if', '02:00:00:00:00:0a', '10.0.0.1'),
    owns('blueword', 'blueword-if'),
    node('redword', 'netns', { Tenant: 'red', Path: '/r' }, 'redword-host'),
    interfaceOf('redword-if', '02:00:00:00:66:66', '203.0.113.66'),
    owns('redword', 'redword-if'),
    edge('blueword-if', 'redword-if', 'redword-link'),
    node('moved', 'device', { Tenant: 'red', Note: 'redword-note' }, 'shared'),
    node('given', 'device', { Tenant: 'blue', Note: 'blueword-note' }, 'shared'),
    node('redword-gone', 'device', { Tenant: 'red' }, 'redword-host'),
  );
  const measure = (id: string, text: string): Delta => ({
    op: 'measure',
    id,
    values: [
      ['Metric.RxBytes', 7],
      [text, 1],
      ['Metric.Last', began],
    ],
  });
  world.write(measure('blueword-if', 'Metric.TxBytes'), measure('redword-if', 'redword-counter'));
  world.clock.advance(1_000);
  world.write(remove('redword-gone'), node('moved', 'device', { Tenant: 'blue' }, 'shared'));
  world.write(node('given', 'device', { Tenant: 'red', Note: 'redword-new' }, 'shared'));
  world.write(node('given', 'device', { Tenant: 'red', Note: 'redword-newer' }, 'shared'));
  world.agents.push(
    ...['agent.test', 'agent.redword'].map(
      (id) =>
        ({
          ...{ id, host: id.slice(6), version: '1', state: 'CONNECTED', connectedAt: 1, lastSeenAt: 1, clockOffsetMs: 0, probes: [] },
          ...{ flows: { received: 0, notStored: 0, unread: [], lost: [] }, missingCapabilities: [] },
        }) as unknown as World['agents'][number],
    ),
  );
  const ids: string[] = [];
  for (const [name, ip, tid] of [
    ['b', '10.0.0.1', 't-blueword-if'],
    ['redword', '203.0.113.66', 't-redword-if'],
  ] as const) {
    const captured = new Captured(name, 'x', tid, { rawPacketLimit: 2 });
    const fromMac = name === 'b' ? '02:00:00:00:00:0a' : '02:00:00:00:66:66';
    captured.packet(world.clock.now(), { from: ip, to: '10.0.0.9', fromPort: 5_000, toPort: 53, fromMac });
    for (const batch of [...captured.update(world.clock.now() + 1_500), ...captured.refresh(world.clock.now() + 1_600)])
      await world.services.flows.take('agent.test', batch, 0);
    ids.push([...world.services.flows.live.all()].find(({ CaptureID }) => CaptureID === name)!.UUID);
  }
  world.clock.advance(5_000);
  own = ids[0]!;
  const { services } = world;
  ids.push((await services.captures.create(asker, { name: 'redword', gremlin: "G.V().Has('Name', 'redword-if')" })).id);
  ids.push((await services.views.create(asker, { name: 'redword', address: 'a' })).id);
  await services.alerts.create(asker, { Name: 'redword' }, undefined);
  await services.workflows.create(asker, { Name: 'redword' }, undefined);
  await services.rules.createNodeRule(asker, {
    ...{ Name: 'redword', Description: '', Action: 'update', Query: "G.V().Has('Name', 'redword')", Metadata: { Rule: 'redword' } },
  });
  await services.rules.createEdgeRule(asker, {
    ...{ Name: 'redword', Description: '', Src: "G.V('redword')", Dst: "G.V('redword-if')", Metadata: { RelationType: 'redword' } },
  });
  services.audit.record({ who: 'redword', from: '::1', what: 'createCapture', with: 'redword', outcome: 'DONE' });
  asker.scope.release();
  theirs = { flow: ids[1]!, capture: ids[2]!, view: ids[3]! };

  rest = fastify();
  const authenticate = ({ credentials: [shown] }: { readonly credentials: readonly string[] }): Viewer =>
    shown === 'blue' ? blue : everybody;
  const refused = (): never => {
    throw new Error('nobody signs in here');
  };
  const nothing = { clock: systemClock, log: silentLog, hostId: 'here' };
  await rest.register((app) =>
    serveRest(app, {
      ...{ services, authenticate, login: refused, overload: () => undefined, version: '1', ...nothing },
      ...{ clients: () => door.clients, configured: () => 'redword' },
    }),
  );
  rest.decorateRequest('viewer', undefined);
  serveFlowFiles(rest, services, (request) => {
    request.viewer = authenticate({ credentials: [request.headers.authorization?.slice(7) ?? ''] });
    return Promise.resolve();
  });
  door = new CompatDoor({
    ...{ services, authenticate, admitAgent: () => blue, isOurAgent: () => false, ...nothing },
    oldAgents: new OldAgents({ services: () => services, clock: systemClock, log: silentLog }),
  });
  rest.server.on('upgrade', (request, socket, head) => door.handleUpgrade(request, socket, head));
  url = await rest.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await door.close();
  await rest.close();
  await world.close();
});

const secretsIn = (text: string): string[] => SECRETS.filter((secret) => text.includes(secret));

// ── GraphQL ──

/** What is tried with things of the other tenant, and what must come of it; `given` is a node of theirs without the word in its id. */
const MUTATIONS: Readonly<Record<string, () => readonly [args: string, code: string | undefined]>> = {
  cancelInjection: () => ['id: "x"', 'NOT_FOUND'],
  createCapture: () => ['input: { gremlin: "G.V(\'given\')" }', undefined], // and it runs nowhere
  createEdgeRule: () => ['input: { source: "G.V()", target: "G.V()", relationType: "layer2" }', 'FORBIDDEN'],
  createNodeRule: () => ['input: { action: UPDATE, gremlin: "G.V()", metadata: { Tenant: "blue" } }', 'FORBIDDEN'],
  createView: () => ['input: { name: "mine", address: "a" }', undefined],
  deleteCapture: () => [`id: "${theirs.capture}"`, 'NOT_FOUND'],
  deleteRule: () => ['id: "x"', 'FORBIDDEN'],
  deleteView: () => [`id: "${theirs.view}"`, 'NOT_FOUND'],
  injectPackets: () => ['input: { srcNode: "given", dstIp: "10.0.0.9" }', 'BAD_INPUT'],
  publishTopology: () => ['input: { origin: "pub.mine", nodes: [{ id: "new", name: "new", type: "device" }] }', 'FORBIDDEN'],
  removeElements: () => ['ids: ["given"]', undefined], // it is not there
  updateNodeMetadata: () => ['id: "given", set: { Tenant: "blue" }', 'NOT_FOUND'],
  updateView: () => [`id: "${theirs.view}", input: { name: "y", address: "/" }`, 'NOT_FOUND'],
};

/** What a subscriber of the tenant hears of its own, where it hears of something. */
const NEWS: Readonly<Record<string, string>> = {
  topologyChanges: 'blueword-news',
  gremlinChanges: 'blueword-news',
  flowChanges: '10.0.0.7',
};

/** Something happens to both tenants. */
async function happen(): Promise<void> {
  world.clock.advance(1_000);
  world.write(node('redword', 'netns', { Tenant: 'red', Path: '/r', News: 'redword-news' }, 'redword-host'));
  world.write(node('blueword', 'netns', { Tenant: 'blue', Path: '/b', News: 'blueword-news', Password: 'redword-new' }, 'shared'));
  world.write(node('moved', 'device', { Tenant: 'red', Note: 'redword-again' }, 'shared'));
  world.write(node('moved', 'device', { Tenant: 'blue' }, 'shared'));
  for (const [ip, tid] of [
    ['10.0.0.7', 't-blueword-if'],
    ['203.0.113.66', 't-redword-if'],
  ] as const) {
    const captured = new Captured(`news-${tid === 't-redword-if' ? 'redword' : 'b'}`, 'x', tid);
    captured.packet(world.clock.now(), { from: ip, to: '10.0.0.9', fromPort: 5_000 + Math.floor(Math.random() * 9_000), toPort: 53 });
    for (const batch of captured.update(world.clock.now() + 1_500)) await world.services.flows.take('agent.test', batch, 0);
  }
}

async function asked(document: string, viewer: Viewer): Promise<string> {
  const parsed = parse(document);
  expect(validate(schema, parsed)).toEqual([]);
  const context = new RequestContext(world.services, viewer);
  try {
    return JSON.stringify(await execute({ schema, document: parsed, contextValue: context }));
  } finally {
    context.release();
  }
}

describe('a tenant', () => {
  it.each(fields.filter(({ type }) => type === 'Query'))('sees nothing of others in $name', async (one) => {
    const secrets: string[] = [];
    for (const document of documentsOf(one, 2)) {
      expect(secretsIn((await asked(document, blue)).replaceAll('"metadataPath"', '')), document.slice(0, 100)).toEqual([]);
      secrets.push(...secretsIn(await asked(document, everybody)));
    }
    if (TELLING.includes(one.name)) expect(secrets, (await asked(documentsOf(one, 2)[0]!, everybody)).slice(0, 600)).not.toEqual([]);
  });

  it('has an entry for every mutation', () =>
    expect(Object.keys(MUTATIONS).sort()).toEqual(
      fields
        .filter(({ type }) => type === 'Mutation')
        .map(({ field }) => field.name)
        .sort(),
    ));

  it.each(fields.filter(({ type }) => type === 'Mutation'))('changes nothing of others by $name', async ({ field }) => {
    const [args, code] = MUTATIONS[field.name]!();
    const before = await asked('{ nodes(first: 100) { nodes { key } } views { name } }', everybody);
    const answer = await asked(`mutation { ${field.name}(${args}) { __typename } }`, blue);
    expect(secretsIn(answer)).toEqual([]);
    if (code === undefined) expect(answer).not.toContain('errors');
    else expect(answer).toContain('errors');
    const after = await asked('{ nodes(first: 100) { nodes { key } } views { name } }', everybody);
    const others = (text: string): string => text.replaceAll('{"name":"mine"},', '');
    expect(others(after)).toEqual(others(before));
    if (field.name === 'createCapture')
      expect(await asked('{ captures { nodes { activities { node { id } } } } }', blue)).not.toContain('given');
  });

  it.each(fields.filter(({ type }) => type === 'Subscription'))('hears nothing of others in $name', async (one) => {
    for (const document of documentsOf(one, 2)) {
      const [mine, all] = await Promise.all([listen(document, blue), listen(document, everybody)]);
      try {
        await vi.waitFor(() => expect(mine.texts.length + all.texts.length).toBeGreaterThan(0), PATIENCE);
        await happen();
        await vi.waitFor(() => {
          expect(secretsIn(all.texts.join())).not.toEqual([]);
          if (!/search|G\.E/.test(document)) expect(mine.texts.join()).toContain(NEWS[one.field.name] ?? '');
        }, PATIENCE);
        expect(secretsIn(mine.texts.join())).toEqual([]);
      } finally {
        await Promise.all([mine.stop(), all.stop()]);
      }
    }
  });
});

/** The answers of a subscription as they come. */
async function listen(document: string, viewer: Viewer): Promise<{ readonly texts: string[]; stop(): Promise<void> }> {
  const parsed = parse(document);
  expect(validate(schema, parsed)).toEqual([]);
  const context = new RequestContext(world.services, viewer);
  const answers = await subscribe({ schema, document: parsed, contextValue: context });
  if (!(Symbol.asyncIterator in answers)) throw new Error(JSON.stringify(answers));
  const texts: string[] = [];
  const done = (async () => {
    for await (const answer of answers) texts.push(JSON.stringify(answer));
  })();
  return {
    texts,
    async stop() {
      await answers.return?.(undefined);
      await done;
      context.release();
    },
  };
}

// ── old doors ──

/** Routes that are served elsewhere: GraphQL is walked above, and the others know nothing of the graph or are refused to tenants (`/metrics`). */
const ELSEWHERE = /^\S+ \/(graphql|auth.*|login\/?|ui.*|healthz|readyz|metrics|explorer|\*)?$/;

/** Where the role walk asks for nothing, things of the other tenant are asked for, by ids without the word. */
const pathOf = (route: string): string | undefined => {
  if (route.includes('/flows/')) return route.split(' ')[1]!.replace(':id', theirs.flow);
  if (/ \/api\/node\/\*/.test(route)) return '/api/node/given';
  return / \/api\/capture\/\*/.test(route) ? `/api/capture/${theirs.capture}` : undefined;
};

const BODIES: Readonly<Record<string, readonly object[]>> = {
  'POST /api/topology': ['G', 'G.V()', 'G.E()', "G.At('-7s').V()", 'G.Flows()', "G.At('-1s', 3600).V()"].map((GremlinQuery) => ({
    GremlinQuery,
  })),
};

describe('a tenant at the old routes', () => {
  const routes = Object.entries(ROUTES).filter(([route, { needs }]) => needs !== 'refused' && !ELSEWHERE.test(route));

  it('finds each of them here', () => expect(routes.every(([route]) => / \/(api|flows|captures)\b/.test(route))).toBe(true));

  it.each(routes)('sees nothing of others at %s', async (route, { path, body }) => {
    const [methods, pattern] = route.split(' ') as [string, string];
    for (const method of methods.split(',')) {
      for (const sent of BODIES[route] ?? [body]) {
        const request = (token: string): Promise<Response> =>
          fetch(`${url}${pathOf(route) ?? path ?? pattern}`, {
            method,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            ...(method !== 'GET' && sent !== undefined && { body: JSON.stringify(sent) }),
          });
        const answer = await request('blue');
        const text = Buffer.from(await answer.arrayBuffer()).toString('latin1');
        expect(secretsIn(text)).toEqual([]);
        if (method === 'GET' && (pathOf(route) !== undefined || route.includes('config')))
          expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(world.services.flows.live.size).toBeGreaterThan(0);
  });

  it('gives the packets of its own flows, and to everybody those of all', async () => {
    const isGiven = async (what: string, token: string): Promise<boolean> =>
      (await fetch(`${url}/${what}/packets.pcapng`, { headers: { authorization: `Bearer ${token}` } })).ok;
    for (const [mine, other] of [
      [`flows/${own}`, `flows/${theirs.flow}`],
      ['captures/b', 'captures/redword'],
    ] as const)
      expect([await isGiven(mine, 'blue'), await isGiven(other, 'blue'), await isGiven(other, 'x')]).toEqual([true, false, true]);
  });

  it('has not written anything of others', async () => {
    const red = await asked('{ node(id: "given") { metadata } }', everybody);
    expect(red).toContain('redword-newer');
  });
});

describe('a tenant at the old endpoints', () => {
  it.each(CompatDoor.paths)('hears nothing of others at %s', async (path) => {
    const connect = (token: string): Promise<Peer> => Peer.connect(url, path, { headers: { Authorization: `Bearer ${token}` } });
    if (path.startsWith('/ws/agent')) return expect(connect('blue')).rejects.toThrow('403');
    const [mine, all] = await Promise.all([connect('blue'), connect('x')]);
    try {
      for (const peer of [mine, all]) peer.send('SyncRequest', {});
      if (path !== '/ws/subscriber/flow') await Promise.all([mine, all].map((peer) => peer.until(({ Type }) => Type === 'SyncReply')));
      for (const id of ['given', 'new']) {
        const written = { ID: id, Host: 'h', Metadata: { Name: id, Type: 'device' }, CreatedAt: 1, UpdatedAt: 1, Revision: 9 };
        mine.send('NodeAdded', written);
        mine.send('NodeUpdated', written);
        mine.send('NodeDeleted', written);
      }
      mine.send('SyncRequest', { Time: began + 500 });
      await happen();
      await vi.waitFor(() => {
        expect(secretsIn(JSON.stringify(all.received))).not.toEqual([]);
        if (path !== '/ws/publisher') expect(JSON.stringify(mine.received)).toMatch(/blueword-news|10\.0\.0\.7/);
      }, PATIENCE);
      expect(secretsIn(JSON.stringify(mine.received))).toEqual([]);
      expect(await asked('{ node(id: "given") { metadata } new: node(id: "new") { id } }', everybody)).toMatch(/redword-newer.*"new":null/);
    } finally {
      mine.close();
      all.close();
    }
  });
});
