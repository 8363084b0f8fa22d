import { fastify, type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/common/clock.js';
import { CanopyError } from '../../../src/common/errors.js';
import { silentLog } from '../../../src/common/log.js';
import { serveRest } from '../../../src/compat/rest/rest.js';
import { everybody } from '../../../src/services/viewer.js';
import { openWorld, type World } from '../../services/world.js';

let world: World;
let app: FastifyInstance;
beforeAll(async () => {
  world = await openWorld();
  app = fastify();
  await app.register((old) =>
    serveRest(old, {
      services: world.services,
      authenticate: () => everybody,
      login: () => Promise.reject(new Error('nobody signs in here')),
      overload: () => new CanopyError('UNAVAILABLE', 'too much is asked', { retriable: true }),
      ...{ clock: systemClock, log: silentLog, hostId: 'here', version: '1', clients: () => [], configured: () => undefined },
    }),
  );
});
afterAll(async () => {
  await app.close();
  await world.close();
});

const send = (method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object): Promise<{ statusCode: number; body: string }> =>
  app.inject({ method, url, ...(payload && { payload }) }) as unknown as Promise<{ statusCode: number; body: string }>;

it('an analyzer under load turns away questions, and takes what is written', async () => {
  expect(await send('POST', '/api/topology', { GremlinQuery: 'G' })).toMatchObject({ statusCode: 503, body: 'too much is asked\n' });
  expect((await send('GET', '/api/node')).statusCode).toBe(503);
  expect((await send('POST', '/api/node', { ID: 'one', Metadata: { Name: 'one', Type: 'thing' } })).statusCode).toBe(201);
  expect((await send('DELETE', '/api/node/one')).statusCode).toBe(200);
});
