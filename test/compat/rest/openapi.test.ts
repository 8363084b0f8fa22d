import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { RestContext } from '../../../src/compat/rest/context.js';
import { openApiDocument } from '../../../src/compat/rest/openapi/openapi.js';
import { serveRest } from '../../../src/compat/rest/rest.js';
import { openRig } from '../../server/rig.js';

interface Operation {
  readonly operationId: string;
}
const document = openApiDocument('1.2.3');
const paths = document.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
const METHODS = ['get', 'post', 'patch', 'delete'];
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  METHODS.flatMap((method) => (methods[method] === undefined ? [] : [{ path, method, operation: methods[method] }])),
);

/** `METHOD URL` of every route of the old interface; their handlers are not called. */
async function routes(): Promise<Set<string>> {
  const found = new Set<string>();
  const app = fastify();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) found.add(`${one.toLowerCase()} ${url}`);
  });
  await app.register((old) => serveRest(old, { services: {} } as RestContext));
  await app.ready();
  await app.close();
  return found;
}

describe('the description of the old interface', () => {
  it('knows every path that is served, and no other', async () => {
    const served = await routes();
    const documented = operations.map(({ path, method }) => `${method} ${path.replace(/\{\w+\}$/, '*').replace(/\{(\w+)\}/, ':$1')}`);
    expect(documented.filter((one) => !served.has(one))).toEqual([]);
    const known = new Set(documented.map((one) => one.split(' ')[1]));
    const urls = new Set([...served].map((one) => one.split(' ')[1]!).filter((url) => url.startsWith('/') && url !== '/api/openapi.json'));
    // For what nothing else serves, and for who looks for Skydive's page.
    for (const url of urls) if (['/api/*', '/login/'].includes(url) || url.startsWith('/ui')) urls.delete(url);
    expect([...urls].filter((url) => !known.has(url))).toEqual([]);
  });

  it('names each operation once and refers to what is there', () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, reference]) => reference!);
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      const found = reference.split('/').reduce<unknown>((place, name) => (place as Record<string, unknown> | undefined)?.[name], document);
      expect(found, reference).toBeDefined();
    }
  });

  it('says what a new thing must have as the analyzer sees it', async () => {
    const rig = await openRig();
    try {
      const served = (await (await fetch(`${rig.url}/api/openapi.json`)).json()) as typeof document;
      expect(served).toMatchObject({ openapi: '3.1.0', paths: document.paths });
      for (const { path, method } of operations.filter(
        (one) => one.method === 'post' && /^\/api\/(?!topology|pcap|workflow\/)/.test(one.path),
      )) {
        const answer = await fetch(`${rig.url}${path}`, { method, body: '{}' });
        expect([path, answer.status]).toEqual([path, 400]);
      }
    } finally {
      await rig.close();
    }
  });
});
