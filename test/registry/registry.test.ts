import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import type { CanopyError } from '../../src/common/errors.js';
import { silentLog } from '../../src/common/log.js';
import { EmbeddedRegistry } from '../../src/registry/embedded/registry.js';
import { readAccess } from '../../src/registry/etcd/access.js';
import { EtcdRegistry } from '../../src/registry/etcd/registry.js';
import { openRegistry } from '../../src/registry/open.js';
import type { Registry, RegistryEvent, RegistryKind } from '../../src/registry/registry.js';
import { describeWith, program } from '../needs.js';
import { EtcdServer, HOMES, type Home } from './homes.js';
import { PATIENCE } from '../patience.js';

/** What a watcher has been told, as ids with their values. */
function following(
  registry: Registry,
  kind: RegistryKind,
): { readonly state: Map<string, unknown>; readonly events: RegistryEvent[]; close(): void } {
  const state = new Map<string, unknown>();
  const events: RegistryEvent[] = [];
  const watch = registry.watch(kind, (event) => {
    events.push(event);
    if (event.event === 'all') {
      state.clear();
      for (const { id, value } of event.entries) state.set(id, value);
    } else if (event.event === 'put') state.set(event.entry.id, event.entry.value);
    else state.delete(event.id);
  });
  return { state, events, close: () => watch.close() };
}

for (const kind of HOMES) {
  describeWith(kind.needs, `the registry in its ${kind.name} home`, () => {
    let home: Home;
    let registry: Registry;
    beforeAll(async () => {
      home = await kind.start();
      registry = await home.open();
    });
    afterAll(async () => {
      await registry.close();
      await home.close();
    });

    it('gives back what was put, by kind and in order of ids', async () => {
      await registry.put('capture', 'b', { Name: 'second', List: [1, { a: null }] });
      await registry.put('capture', 'a', { Name: 'first' });
      await registry.put('alert', 'a', { Name: 'another kind' });
      expect((await registry.list('capture')).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await registry.get('capture', 'b')).toMatchObject({
        kind: 'capture',
        id: 'b',
        value: { Name: 'second', List: [1, { a: null }] },
      });
      expect(await registry.get('capture', 'none')).toBeUndefined();
      expect((await registry.get('alert', 'a'))?.value).toEqual({ Name: 'another kind' });
    });

    it('writes only where what is there is what was expected', async () => {
      const first = await registry.put('workflow', 'w', { n: 1 }, { expects: 'absent' });
      await expect(registry.put('workflow', 'w', { n: 2 }, { expects: 'absent' })).rejects.toMatchObject({ code: 'CONFLICT' });
      const second = await registry.put('workflow', 'w', { n: 2 }, { expects: first.version });
      expect(second.version).toBeGreaterThan(first.version);
      await expect(registry.put('workflow', 'w', { n: 3 }, { expects: first.version })).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(async () => registry.remove('workflow', 'w', first.version)).rejects.toMatchObject({ code: 'CONFLICT' });
      expect((await registry.get('workflow', 'w'))?.value).toEqual({ n: 2 });
      expect(await registry.remove('workflow', 'w', second.version)).toBe(true);
      expect(await registry.remove('workflow', 'w')).toBe(false);
    });

    it('lets one of many writers win', async () => {
      const racing = Array.from({ length: 8 }, async (_, writer) => registry.put('nodeRule', 'race', { writer }, { expects: 'absent' }));
      const outcomes = await Promise.allSettled(racing);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('tells watchers everything, then each change in order', async () => {
      await registry.put('edgeRule', 'before', { n: 0 });
      const seen = following(registry, 'edgeRule');
      await vi.waitFor(() => expect(seen.events[0]?.event).toBe('all'), PATIENCE);
      for (let n = 1; n <= 20; n += 1) await registry.put('edgeRule', 'x', { n });
      await registry.put('alert', 'not asked for', {});
      await registry.remove('edgeRule', 'before');
      await vi.waitFor(() => expect([...seen.state]).toEqual([['x', { n: 20 }]]), PATIENCE);
      const numbers = seen.events.flatMap((event) => (event.event === 'put' ? [event.entry.version] : []));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      seen.close();
      const told = seen.events.length;
      await registry.put('edgeRule', 'x', { n: 21 });
      expect(seen.events).toHaveLength(told);
    });

    it('lets go of what has a time to live', async () => {
      const seen = following(registry, 'injection');
      await registry.put('injection', 'short', { a: 1 }, { ttlMs: 1_000 });
      await registry.put('injection', 'long', { a: 2 }, { ttlMs: 3_600_000 });
      await vi.waitFor(() => expect(seen.state.has('short')).toBe(true), PATIENCE);
      await vi.waitFor(() => expect([...seen.state.keys()]).toEqual(['long']), PATIENCE);
      expect((await registry.list('injection')).map(({ id }) => id)).toEqual(['long']);
      seen.close();
    });

    it('keeps everything when it is opened again, and never uses a version twice', async () => {
      const { version } = await registry.put('capture', 'kept', { Name: 'x' });
      await registry.remove('capture', 'kept');
      await registry.put('capture', 'kept too', { Name: 'y' });
      await registry.close();
      registry = await home.open();
      expect((await registry.list('capture')).map(({ id }) => id)).toEqual(['a', 'b', 'kept too']);
      expect((await registry.put('capture', 'kept', { Name: 'z' })).version).toBeGreaterThan(version);
    });
  });
}

describe('the embedded registry', () => {
  it('has what it acknowledged after kill -9', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-registry-kill-'));
    const writer = new URL('killedWriter.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = 0;
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        acknowledged += text.split('\n').length - 1;
        if (acknowledged >= 20) child.kill('SIGKILL');
      });
      child.on('exit', () => resolve());
    });
    const registry = new EmbeddedRegistry({ folder, clock: systemClock });
    try {
      expect(acknowledged).toBeGreaterThanOrEqual(20);
      expect((await registry.list('capture')).length).toBeGreaterThanOrEqual(acknowledged);
    } finally {
      await registry.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeWith([program('etcd'), program('openssl')], 'a dead etcd', () => {
  it.each([
    ['open to all', () => EtcdServer.start(), () => undefined],
    // Whose tokens went with it.
    ['with a user and TLS', () => EtcdServer.startGuarded(), (server: EtcdServer) => readAccess(server.configured)],
  ])(
    '%s answers with an error that says to try again, and is followed again when it is back',
    async (_kind, start, accessTo) => {
      const server = await start();
      const access = accessTo(server);
      const registry = new EtcdRegistry({ endpoints: [server.url], prefix: '/canopy', access, clock: systemClock, log: silentLog });
      try {
        const seen = following(registry, 'capture');
        await registry.put('capture', 'a', { n: 1 });
        await vi.waitFor(() => expect(seen.state.size).toBe(1), PATIENCE);
        await registry.put('capture', 'followed', {});
        await vi.waitFor(() => expect(seen.state.size).toBe(2), PATIENCE);
        await server.down();
        // Also when nobody asks for anything.
        await vi.waitFor(() => expect(registry.status().error).toBeDefined(), PATIENCE);
        await expect(registry.list('capture')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retriable: true });
        await server.up();
        await vi.waitFor(() => expect(registry.status().error).toBeUndefined(), PATIENCE);
        await vi.waitFor(() => registry.put('capture', 'b', { n: 2 }), PATIENCE);
        await vi.waitFor(() => expect([...seen.state.keys()].sort()).toEqual(['a', 'b', 'followed']), PATIENCE);
      } finally {
        await registry.close();
        await server.close();
      }
    },
    90_000,
  );
});

describeWith([program('etcd')], 'etcd in the place of the data folder', () => {
  it('says what is left in the folder, and brings it over once when that is wanted', async () => {
    const server = await EtcdServer.start();
    const folder = mkdtempSync(join(tmpdir(), 'canopy-left-'));
    const opened = (endpoints: readonly string[], bringOver = false): Promise<Registry> => {
      const nothing = { user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };
      return openRegistry({ folder, etcd: { ...nothing, endpoints, prefix: '/canopy', bringOver }, clock: systemClock, log: silentLog });
    };
    try {
      const before = await opened([]);
      await before.put('capture', 'a', { gremlin: 'G.V()', createdAt: 1 });
      await before.put('capture', 'b', { gremlin: 'G.E()', createdAt: 2 });
      await before.put('view', 'c', { name: 'mine' });
      await before.close();

      const beside = await opened([server.url]);
      expect(beside.status().notice).toContain('2 captures, 1 view of before etcd are still in the data folder');
      expect(await beside.list('capture')).toEqual([]);
      // Another analyzer had the same one.
      await beside.put('capture', 'other', { gremlin: 'G.E()', createdAt: 3 });
      await beside.close();

      const after = await opened([server.url], true);
      expect(after.status().notice).toBeUndefined();
      expect((await after.list('capture')).map(({ id }) => id)).toEqual(['a', 'other']);
      expect(await after.list('view')).toMatchObject([{ id: 'c', value: { name: 'mine' } }]);
      await after.remove('capture', 'a');
      await after.close();

      // What was removed since does not come back.
      const again = await opened([server.url], true);
      expect((await again.list('capture')).map(({ id }) => id)).toEqual(['other']);
      await again.close();
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeWith([program('etcd'), program('openssl')], 'a guarded etcd', () => {
  it('lets nobody in who cannot show who he is, and nobody touch what is not his', async () => {
    const server = await EtcdServer.startGuarded();
    const { configured } = server;
    const tried = async (parts: Partial<typeof configured>, prefix = '/canopy'): Promise<unknown> => {
      const access = readAccess({ ...configured, ...parts });
      const registry = new EtcdRegistry({ endpoints: [server.url], prefix, access, clock: systemClock, log: silentLog });
      try {
        return await registry.list('capture');
      } catch (error) {
        return (error as CanopyError).message;
      } finally {
        await registry.close();
      }
    };
    try {
      expect(await tried({})).toEqual([]);
      expect(await tried({ password: 'wrong' })).toMatch(/authentication failed/);
      expect(await tried({ user: undefined, password: undefined })).toMatch(/user name is empty|not authenticated|permission denied|auth/i);
      expect(await tried({ cert: undefined, key: undefined })).toMatch(/the registry \(etcd\) cannot be used/);
      expect(await tried({ ca: undefined, cert: undefined, key: undefined })).toMatch(/the registry \(etcd\) cannot be used/);
      expect(await tried({}, '/others')).toMatch(/permission denied/);
    } finally {
      await server.close();
    }
  });

  it.each([
    [{ endpoints: ['http://a:1', 'https://b:1'] }, /either all are https or none/],
    [{ endpoints: ['http://a:1'], ca: '/ca.pem' }, /are for https/],
    [{ endpoints: ['https://a:1'], cert: '/cert.pem' }, /belong together/],
    [{ endpoints: ['https://a:1'], ca: '/nowhere.pem' }, /cannot read registry.etcd.ca: .*ENOENT/],
    [{ password: 'x' }, /needs registry.etcd.user/],
    [{ user: 'u', password: 'file:/nowhere' }, /cannot read the password file/],
  ])('is not tried with %j', (parts, message) => {
    const nothing = { endpoints: [], user: undefined, password: undefined, ca: undefined, cert: undefined, key: undefined };
    expect(() => readAccess({ ...nothing, ...parts })).toThrow(message);
  });
});
