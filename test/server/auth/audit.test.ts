import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../../src/common/clock.js';
import { silentLog } from '../../../src/common/log.js';
import { AuditLog, type AuditEntry } from '../../../src/services/audit.js';
import { everybody } from '../../../src/services/viewer.js';
import { http, openRig, TRANSPORTS, type Rig } from '../rig.js';
import { eventually } from '../../compat/asking.js';
import { basic, folderWith } from './people.js';

describe('the audit log', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'canopy-audit-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open = (maxBytes = 1_000, files = 3) => new AuditLog({ folder, maxBytes, files, clock: systemClock, log: silentLog });
  const entry = (who: string, what = 'x'): Omit<AuditEntry, 'at'> => ({ who, from: '192.0.2.1', what, with: '{}', outcome: 'DONE' });
  const page = (log: AuditLog, query = {}) => log.read({ viewer: everybody }, query);
  const read = async (log: AuditLog, query = {}) => (await page(log, query)).nodes;

  it('gives the newest first, also those of before a restart, and of one viewer only', async () => {
    const log = open();
    for (const [who, what] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const)
      log.record(entry(who, what));
    log.close();
    const again = open();
    again.record(entry('b', '4'));
    expect((await read(again)).map(({ what }) => what)).toEqual(['4', '3', '2', '1']);
    expect((await read(again, { who: 'a', first: 1 })).map(({ what }) => what)).toEqual(['3']);
    expect(await read(again, { since: Date.now() + 60_000 })).toEqual([]);
    await expect(read(again, { first: 1_001 })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    again.close();
  });

  it('keeps so many files of such a size, and passes over a line that was cut off', async () => {
    const log = open();
    for (let index = 0; index < 100; index++) log.record(entry('c', String(index)));
    const names = readdirSync(folder).sort();
    expect(names).toEqual(['audit.jsonl', 'audit.jsonl.1', 'audit.jsonl.2']);
    for (const name of names) expect(readFileSync(join(folder, name)).length).toBeLessThanOrEqual(1_000);
    const whats = (await read(log)).map(({ what }) => Number(what));
    expect(whats).toEqual(Array.from(whats, (_, index) => 99 - index));
    // Entries of the same millisecond, in three files: by pages comes the same as at once.
    const paged: number[] = [];
    for (let after: string | undefined, isLast = false; !isLast;) {
      const { nodes, pageInfo } = await page(log, { first: 2, after });
      paged.push(...nodes.map(({ what }) => Number(what)));
      isLast = !pageInfo.hasNextPage;
      after = pageInfo.endCursor;
    }
    expect(paged).toEqual(whats);
    await expect(read(log, { after: 'nonsense' })).rejects.toMatchObject({ code: 'BAD_INPUT' });
    log.close();
    writeFileSync(join(folder, 'audit.jsonl'), '{"at":17', { flag: 'a' });
    expect((await read(open())).length).toBe(whats.length);
  });

  it('cuts what is long', async () => {
    const log = open(100_000);
    log.record({ ...entry('d'), with: 'x'.repeat(5_000) });
    expect((await read(log, { first: 1 }))[0]!.with).toHaveLength(600);
    log.close();
  });

  it('that cannot be written costs entries, and nothing else', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() =>
      new AuditLog({ folder: join(folder, 'file', 'x'), maxBytes: 1, files: 1, clock: systemClock, log: silentLog }).record(entry('e')),
    ).not.toThrow();
  });
});

describe('who did what', () => {
  let rig: Rig;
  let dataDir: string;
  let writer: string;
  let reader: string;
  beforeAll(async () => {
    const made = await folderWith({
      users: { anna: ['administrator'] },
      tokens: [
        { roles: ['writer'], name: 'w' },
        { roles: ['reader'], name: 'r' },
      ],
    });
    ({ dataDir } = made);
    [writer, reader] = made.tokens as [string, string];
    rig = await openRig({ dataDir });
  });
  afterAll(async () => {
    await rig.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const told = async (who: string): Promise<Record<string, unknown>[]> => {
    const query = `{ audit(who: "${who}") { nodes { who from what with outcome code } } }`;
    const response = await fetch(`${rig.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: basic('anna') },
      body: JSON.stringify({ query }),
    });
    return ((await response.json()) as { data: { audit: { nodes: Record<string, unknown>[] } } }).data.audit.nodes;
  };

  it.each(TRANSPORTS)('is told of mutations over $name, whatever became of them', async ({ ask, name }) => {
    const query = `mutation Many($id: ID!) { ...Two } fragment Two on Mutation { gone: deleteCapture(id: $id) { capture { id } } ... { removeElements(ids: ["${name}"]) { removed } } }`;
    await ask(rig.url, { query, variables: { id: 'nothing' } }, writer);
    await ask(rig.url, { query: 'mutation { removeElements(ids: ["x"]) { removed } }' }, reader);
    const [second, first] = (await told('token:w')) as [object, object];
    expect(first).toEqual({
      who: 'token:w',
      from: '127.0.0.1',
      what: 'deleteCapture',
      with: '{"id":"nothing"}',
      outcome: 'FAILED',
      code: 'NOT_FOUND',
    });
    expect(second).toMatchObject({ what: 'removeElements', with: `{"ids":["${name}"]}`, outcome: 'DONE', code: null });
    expect((await told('token:r'))[0]).toMatchObject({ what: 'removeElements', outcome: 'REFUSED', code: 'FORBIDDEN' });
  });

  it('is told of old routes, of old publishers, and of who signs in or tries to', async () => {
    const call = (method: string, path: string, token: string, body?: object) =>
      fetch(`${rig.url}${path}`, { method, headers: { 'x-auth-token': token }, ...(body && { body: JSON.stringify(body) }) });
    await call('DELETE', '/api/node/none', writer);
    await call('POST', '/api/topology', writer, { GremlinQuery: 'G.V()' });
    await call('POST', '/api/edge', reader, { ID: 'e', Parent: 'a', Child: 'b', Metadata: { RelationType: 'layer2' } });
    await eventually(async () => (await told('token:r'))[0]?.what === 'POST /api/edge');
    expect((await told('token:w'))[0]).toMatchObject({ what: 'DELETE /api/node/none', outcome: 'FAILED', code: '404' });
    expect((await told('token:r'))[0]).toMatchObject({
      outcome: 'REFUSED',
      code: '405',
      with: expect.stringContaining('layer2') as string,
    });
    const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/ws/publisher`, {
      headers: { authorization: `Bearer ${writer}`, 'x-client-type': 'audit', 'x-host-id': 'me' },
    });
    await new Promise((resolve) => socket.on('open', resolve));
    expect((await told('token:w'))[0]).toMatchObject({ what: 'connect /ws/publisher', with: 'audit.me', outcome: 'DONE' });
    socket.terminate();
    await fetch(`${rig.url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"mallory","password":"x"}',
    });
    expect(await told('mallory')).toMatchObject([{ what: 'sign in', outcome: 'REFUSED' }]);
    expect(await told('anna')).toMatchObject([{ what: 'sign in', outcome: 'DONE' }]);
  });

  it('is for administrators only', async () => {
    expect((await http.ask(rig.url, { query: '{ audit { nodes { who } } }' }, writer)).errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN' } },
    ]);
  });
});
