import diagnostics from 'node:diagnostics_channel';
import { rmSync } from 'node:fs';
import { createSourceEventStream, parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { buildCanopySchema } from '../../../resolvers/build.js';
import { RequestContext } from '../../../resolvers/context.js';
import type { CanopyError } from '../../../src/common/errors.js';
import { CompatDoor } from '../../../src/compat/ws/door.js';
import { AGENT_PATH, SUB_PROTOCOL } from '../../../src/protocol/session.js';
import { openPolicy } from '../../../src/server/auth/policy.js';
import { RIGHTS } from '../../../src/services/viewer.js';
import { PATIENCE } from '../../patience.js';
import { openWorld, type World } from '../../services/world.js';
import { http, openRig, type Answer, type Rig } from '../rig.js';
import { folderWith } from './people.js';
import { documentOf, rootFields } from './rootFields.js';
import { FIELDS, ROUTES, type Needs } from './rules.js';

const ROLES = ['reader', 'operator', 'publisher', 'writer', 'administrator', 'agent', 'guest', 'admin'] as const;
type Who = (typeof ROLES)[number] | 'nobody';
const EVERYONE: readonly Who[] = [...ROLES, 'nobody'];

/** Routes that are there where the page has been built. */
const PAGE = ['GET /', 'GET /explorer', 'GET /*'];

const schema = buildCanopySchema();
const policy = await openPolicy();
const routes: string[] = [];
const tokens: Partial<Record<Who, string>> = {};
let rig: Rig;
let world: World;
let dataDir: string;

beforeAll(async () => {
  const made = await folderWith({ tokens: ROLES.map((role) => ({ roles: [role] })) });
  dataDir = made.dataDir;
  ROLES.forEach((role, index) => (tokens[role] = made.tokens[index]!));
  const listen = (message: unknown): void => {
    const { fastify } = message as {
      fastify: { addHook(name: 'onRoute', hook: (route: { method: string | string[]; url: string }) => void): void };
    };
    fastify.addHook('onRoute', ({ method, url }) => void routes.push(`${[method].flat().join(',')} ${url}`));
  };
  diagnostics.subscribe('fastify.initialization', listen);
  // A provider that never answers: its routes are there all the same.
  rig = await openRig({ dataDir, config: { 'auth.oidc.issuer': 'http://127.0.0.1:1', 'auth.oidc.clientId': 'walk' } });
  world = await openWorld();
  diagnostics.unsubscribe('fastify.initialization', listen);
});
afterAll(async () => {
  await rig.close();
  await world.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What the policy says, and with that the verdict that has to come: in, unknown, or known and not allowed. */
function verdictOn(who: Who, needs: Needs): 'in' | 'unknown' | 'forbidden' {
  if (needs === 'nothing') return 'in';
  if (who === 'nobody' || who === 'agent') return 'unknown';
  if (needs === 'known') return 'in';
  const [object, action] = needs.split(' ') as [string, string];
  return policy.viewer('x', [who]).allows(object, action) ? 'in' : 'forbidden';
}

const fields = rootFields(schema);

describe('every root field', () => {
  it('has a rule, and every rule a field', () => {
    expect(Object.keys(FIELDS).sort(), 'say in rules.ts what a new field needs').toEqual(fields.map(({ name }) => name).sort());
  });

  const verdictIn = ({ errors }: Answer): string => {
    const codes = new Set(errors?.map(({ extensions }) => extensions?.code));
    return codes.has('UNAUTHENTICATED') ? 'unknown' : codes.has('FORBIDDEN') ? 'forbidden' : 'in';
  };
  /** An analyzer that has too much to do answers nobody, whatever they may. */
  const isOverloaded = ({ errors }: Answer): boolean =>
    errors?.some(({ extensions }) => 'latenessMs' in (extensions?.details ?? {})) ?? false;

  const asked = fields.filter(({ name }) => name in FIELDS);

  it.each(asked.filter(({ type }) => type !== 'Subscription'))('$name', async (one) => {
    for (const who of EVERYONE) {
      const answer = await vi.waitFor(async () => {
        const given = await http.ask(rig.url, { query: documentOf(one) }, tokens[who]);
        expect(given).not.toSatisfy(isOverloaded);
        return given;
      }, PATIENCE);
      expect({ who, verdict: verdictIn(answer) }).toEqual({ who, verdict: verdictOn(who, FIELDS[one.name]![0]) });
    }
  });

  it.each(asked.filter(({ type }) => type === 'Subscription'))('$name', async (one) => {
    const document = parse(documentOf(one));
    expect(validate(schema, document)).toEqual([]);
    for (const who of ROLES) {
      const viewer = policy.viewer('x', [who]);
      const context = new RequestContext(world.services, viewer);
      const source = await createSourceEventStream({ schema, document, contextValue: context });
      context.release();
      const verdict = 'errors' in source ? (source.errors?.[0]?.originalError as CanopyError).code : 'in';
      const [object, action] = FIELDS[one.name]![0].split(' ') as [string, string];
      expect({ who, verdict }).toEqual({ who, verdict: viewer.allows(object, action) ? 'in' : 'FORBIDDEN' });
    }
  });
});

describe('every route', () => {
  it('has a rule, and every rule but those of the page a route', () => {
    // A HEAD that Fastify adds itself is its GET.
    const own = routes.filter(
      (route) =>
        !route.startsWith('HEAD /') ||
        !routes.some(
          (other) =>
            other.includes(route.replace('HEAD', 'GET')) ||
            other === `GET,POST${route.slice(4)}` ||
            other === `GET,PUT,PATCH,DELETE${route.slice(4)}`,
        ),
    );
    expect(
      own.filter((route) => !(route in ROUTES) && !route.startsWith('GET /assets/')),
      'say in rules.ts what a new route needs',
    ).toEqual([]);
    const gone = Object.keys(ROUTES).filter((route) => !routes.includes(route));
    expect(gone.filter((route) => !PAGE.includes(route))).toEqual([]);
  });

  it.each(Object.entries(ROUTES).filter(([, { needs }]) => needs !== 'refused'))('%s', async (route, { needs, path, body }) => {
    if (!routes.includes(route)) return;
    const [methods, pattern] = route.split(' ') as [string, string];
    for (const method of methods.split(',')) {
      for (const who of EVERYONE) {
        const headers = {
          ...(tokens[who] !== undefined && { authorization: `Bearer ${tokens[who]}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          'apollo-require-preflight': '1',
        };
        const sent = body !== undefined && method !== 'GET' ? { body: JSON.stringify(body) } : {};
        const response = await fetch(`${rig.url}${path ?? pattern}`, { method, headers, redirect: 'manual', ...sent });
        await response.arrayBuffer();
        const verdict = response.status === 401 ? 'unknown' : [403, 405].includes(response.status) ? 'forbidden' : 'in';
        expect({ method, who, verdict }).toEqual({ method, who, verdict: verdictOn(who, needs) });
      }
    }
  });
});

describe('every WebSocket endpoint', () => {
  const endpoints = [...CompatDoor.paths, AGENT_PATH, '/graphql'];

  it('is something that a policy can name', () => expect([...RIGHTS.websocket].sort()).toEqual([...endpoints].sort()));

  /** Status of the answer to an upgrade; of GraphQL, where one says later who one is, that of the first message. */
  const upgraded = (path: string, token: string | undefined): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = {
        'x-client-type': 'walk',
        'x-host-id': `walk-${Math.random()}`,
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      };
      const protocols = path === AGENT_PATH ? [SUB_PROTOCOL] : path === '/graphql' ? ['graphql-transport-ws'] : [];
      const socket = new WebSocket(`${rig.url.replace('http', 'ws')}${path}`, protocols, { headers });
      socket.on('error', reject);
      socket.on('unexpected-response', (_request, { statusCode }) => (resolve(statusCode!), socket.terminate()));
      socket.on('open', () => (path === '/graphql' ? socket.send('{"type":"connection_init"}') : (resolve(101), socket.terminate())));
      socket.on('message', () => (resolve(101), socket.terminate()));
      socket.on('close', (code) => resolve(code === 4403 ? 403 : code));
    });

  it.each(endpoints)('%s', async (path) => {
    for (const who of EVERYONE) {
      const isIn = who !== 'nobody' && policy.viewer('x', [who]).allows('websocket', path);
      const status = await upgraded(path, tokens[who]);
      expect({ who, isIn: status === 101 }).toEqual({ who, isIn });
      if (!isIn) expect([401, 403]).toContain(status);
    }
  });
});
