import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validate, parse } from 'graphql';
import { WebSocket } from 'ws';
import { buildCanopySchema } from '../../resolvers/build.js';
import { EXAMPLES } from '../../web/ask/explorer/examples.js';
import { aliasRule } from '../../src/server/graphql/aliasRule.js';
import { eventFieldsRule } from '../../src/server/graphql/eventFieldsRule.js';
import { RawClient } from './rawClient.js';
import { openRig, PUBLISH, publish, type Rig, TRANSPORTS, type Question } from './rig.js';

const ASK = '{ viewer { name roles } }';

/** A GET with headers that fetch would not send. */
const get = (
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
  });

/** HTTP status with which an upgrade is refused; 101 when it is let in. */
const upgrade = (url: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode!);
      socket.terminate();
    });
    socket.on('error', reject);
  });

describe('an analyzer on loopback without tokens', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await openRig({ config: { origins: ['https://dash.example'] } })));
  afterAll(() => rig.close());

  it.each(TRANSPORTS)('lets everybody read and write over $name', async ({ ask }) => {
    expect(await ask(rig.url, { query: ASK })).toEqual({
      data: { viewer: { name: 'anonymous', roles: ['READER', 'WRITER', 'ADMINISTRATOR'] } },
    });
  });

  it.each([
    [{}, 200],
    [{ host: 'evil.example' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://dash.example' }, 200],
  ])('answers a request with %o by %i, and an upgrade alike', async (headers, status) => {
    expect((await get(`${rig.url}/healthz`, headers)).status).toBe(status);
    expect(await upgrade(`${rig.url}/graphql`, headers)).toBe(status === 200 ? 101 : status);
  });

  it('tells a welcome page that it may read the answer, and nobody else', async () => {
    const welcome = await get(`${rig.url}/healthz`, { origin: 'https://dash.example' });
    expect(welcome.headers['access-control-allow-origin']).toBe('https://dash.example');
    expect((await get(`${rig.url}/healthz`)).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('keeps the guard against forged requests', async () => {
    const simple = await fetch(`${rig.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ query: ASK }),
    });
    expect(simple.status).toBeGreaterThanOrEqual(400);
    expect((await get(`${rig.url}/graphql?query=${encodeURIComponent(ASK)}`)).status).toBe(400);
    expect((await get(`${rig.url}/graphql?query=${encodeURIComponent(ASK)}`, { 'apollo-require-preflight': '1' })).status).toBe(200);
  });

  it('does not take subscriptions over HTTP', async () => {
    const { errors } = await TRANSPORTS[0]!.ask(rig.url, { query: 'subscription { statusChanges { version } }' });
    expect(errors).toMatchObject([{ message: expect.stringContaining('WebSocket'), extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it.each(TRANSPORTS)('answers what comes from another store over $name', async ({ ask }) => {
    await publish(rig.url, { nodes: [{ id: 'a', name: 'a', type: 'device' }] });
    const query = '{ node(id: "a") { ... on NetworkInterface { rates(between: {from: "-1m"}, step: "30s") { start } } } }';
    expect(await ask(rig.url, { query })).toMatchObject({ data: { node: { rates: expect.any(Array) as unknown } } });
  });

  it.each(TRANSPORTS)('says what a literal has to be over $name', async ({ ask }) => {
    const { errors } = await ask(rig.url, { query: '{ nodes(at: "yesterday") { totalCount } }' });
    const said = expect.stringContaining('"yesterday" is not valid; give an instant') as string;
    expect(errors).toMatchObject([{ message: said, extensions: { code: 'BAD_USER_INPUT' } }]);
    const hashed = await ask(rig.url, {
      query: '{ __typename }',
      extensions: { persistedQuery: { version: 7, sha256Hash: 'x' } },
    } as Question);
    expect(hashed.errors).toMatchObject([{ message: 'Unsupported persisted query version', extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('refuses a body that is too large', async () => {
    const { errors } = await TRANSPORTS[0]!.ask(rig.url, { query: ASK, variables: { filling: 'x'.repeat(5 * 1024 * 1024) } });
    expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
  });

  it('knows a persisted document by its hash once it has seen it', async () => {
    const sha256Hash = 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38';
    const ask = async (query?: string) => {
      const body = JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } });
      return (await (
        await fetch(`${rig.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      ).json()) as object;
    };
    expect(await ask()).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
    expect(await ask('{__typename}')).toEqual({ data: { __typename: 'Query' } });
    expect(await ask()).toEqual({ data: { __typename: 'Query' } });
  });

  it('is alive and ready', async () => {
    expect(JSON.parse((await get(`${rig.url}/healthz`)).body)).toEqual({ status: 'alive' });
    expect(JSON.parse((await get(`${rig.url}/readyz`)).body)).toEqual({ status: 'ready' });
  });

  it('shows its figures', async () => {
    await publish(rig.url, { nodes: [{ id: 'a', name: 'a', type: 'device' }] });
    const { body, headers } = await get(`${rig.url}/metrics`);
    expect(headers['content-type']).toContain('text/plain');
    for (const name of [
      'canopy_nodes 1',
      'canopy_durable_lag_seconds ',
      'canopy_tail_bytes ',
      'canopy_ring_lag_events 0',
      'canopy_resyncs_total 0',
      'canopy_lost_changes_total 0',
      'canopy_event_loop_lateness_seconds ',
      'canopy_cache_bytes{cache="views"} ',
      'process_resident_memory_bytes ',
      'nodejs_eventloop_lag_seconds ',
    ]) {
      expect(body).toContain(`\n${name}`);
    }
    for (const name of ['reconciliations_total', 'agents_lost_total', 'agent_clock_offset_seconds', 'agent_violations_total']) {
      expect(body).toContain(`# TYPE canopy_${name} `);
    }
  });

  it.each(['/', '/explorer'])('serves a page at %s that needs nobody else', async (path) => {
    const response = await fetch(`${rig.url}${path}`);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const files = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const { status, headers } = await fetch(`${rig.url}${file}`);
      expect([status, headers.get('content-encoding')]).toEqual([200, 'gzip']);
      expect(headers.get('cache-control')).toContain('immutable');
    }
    expect(page).not.toMatch(/https?:\/\//);
  });

  it('sends nothing again that has not changed', async () => {
    const { headers } = await get(rig.url);
    expect((await get(rig.url, { 'if-none-match': String(headers.etag) })).status).toBe(304);
  });

  it('answers what is not there in the shape of GraphQL', async () => {
    const { status, body } = await get(`${rig.url}/nothing`);
    expect([status, JSON.parse(body)]).toMatchObject([404, { errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
    expect(await upgrade(`${rig.url}/nothing`, {})).toBe(404);
  });
});

describe('examples of the explorer', () => {
  const schema = buildCanopySchema();
  it.each(EXAMPLES)('are good: $query', ({ query }) => {
    expect(validate(schema, parse(query))).toEqual([]);
    expect(validate(schema, parse(query), [eventFieldsRule, aliasRule(100)])).toEqual([]);
  });
});

describe('an analyzer with tokens', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig({ config: { 'tokens.agents': ['agent-1'], 'tokens.readers': ['reader-1'], 'tokens.writers': ['writer-1'] } });
  });
  afterAll(() => rig.close());

  const write = { query: PUBLISH, variables: { input: { origin: 'pub.a', nodes: [{ id: 'a', name: 'a', type: 'device' }] } } };

  describe.each(TRANSPORTS)('over $name', ({ name, ask }) => {
    it.each([undefined, 'wrong', 'agent-1'])('does not know the token %s', async (token) => {
      if (name === 'HTTP') {
        expect(await ask(rig.url, { query: ASK }, token)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      } else await expect(ask(rig.url, { query: ASK }, token)).rejects.toMatchObject({ code: 4403 });
    });

    it('lets a reader read and not write', async () => {
      expect(await ask(rig.url, { query: ASK }, 'reader-1')).toEqual({ data: { viewer: { name: 'reader token', roles: ['READER'] } } });
      expect(await ask(rig.url, write, 'reader-1')).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    });

    it('lets a writer write', async () => {
      expect((await ask(rig.url, write, 'writer-1')).errors).toBeUndefined();
    });
  });

  it('takes the token of a WebSocket from a header, and as `token` or `authorization` of the first message', async () => {
    for (const [headers, payload] of [
      [{ authorization: 'Bearer reader-1' }, undefined],
      [{}, { token: 'reader-1' }],
      [{}, { Authorization: 'Bearer reader-1' }],
      [{}, { headers: { authorization: 'Bearer reader-1' } }],
    ] as const) {
      const client = await RawClient.open(rig.url, headers);
      await client.init(payload);
      expect(client.messages).toMatchObject([{ type: 'connection_ack' }]);
      client.cut();
    }
  });

  it('shows figures to readers only, and health to everybody', async () => {
    expect((await get(`${rig.url}/metrics`)).status).toBe(401);
    expect((await get(`${rig.url}/metrics`, { authorization: 'Bearer reader-1' })).status).toBe(200);
    expect((await get(`${rig.url}/healthz`)).status).toBe(200);
  });

  it('has another door for agents', async () => {
    const agent = (token: string) => upgrade(`${rig.url}/agent`, { authorization: `Bearer ${token}` });
    expect(await agent('reader-1')).toBe(401);
    expect(await agent('agent-1')).toBe(400); // let in, and then told which protocol it should have offered
  });
});

describe('the address of an analyzer', () => {
  it('that is taken is told, and nothing is left open', async () => {
    const rig = await openRig();
    const { port } = new URL(rig.url);
    await expect(openRig({ config: { listen: `127.0.0.1:${port}` } })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { reason: 'EADDRINUSE' },
    });
    await rig.close();
  });
});
