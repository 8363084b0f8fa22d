import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ovsdb, socketFile } from '../../agent/ovsdb/ovsdb.js';
import { JsonSplitter } from '../../agent/ovsdb/splitter.js';
import { damaged } from './capture/damage.js';
import { eventually } from './lab.js';

describe('a stream of JSON objects', () => {
  const objects = [{ a: 1, b: { c: '}{"\\', d: [[{}]] } }, {}, { text: 'ü' }];
  const bytes = Buffer.from(objects.map((object) => JSON.stringify(object)).join(''));

  it.each([1, 2, 3, 7, 1_000])('is cut in pieces of %i bytes where objects end', (size) => {
    const splitter = new JsonSplitter();
    const found: unknown[] = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...splitter.push(bytes.subarray(at, at + size)));
    expect(found).toEqual(objects);
  });

  it('ends with an error where it is none, and not otherwise', () => {
    for (const stream of damaged([bytes])) {
      const splitter = new JsonSplitter();
      try {
        for (const object of splitter.push(stream)) expect(typeof object).toBe('object');
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError);
      }
    }
  });
});

describe('the database of Open vSwitch', () => {
  let folder: string;
  let server: Server;
  let sockets: Socket[];
  let asked: { method: string; params: unknown[]; id: unknown; result?: unknown }[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'canopy-ovsdb-'));
    sockets = [];
    asked = [];
    server = createServer((socket) => {
      sockets.push(socket);
      const splitter = new JsonSplitter();
      socket.on('data', (piece) => asked.push(...(splitter.push(piece) as typeof asked)));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 'db.sock'), resolve));
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  const open = () => Ovsdb.open(`unix:${join(folder, 'db.sock')}`);
  const say = (message: unknown): void => void sockets[0]!.write(JSON.stringify(message));

  it('gets answers to its echoes, and says what went wrong with an operation', async () => {
    const database = await open();
    await eventually(() => sockets[0]);
    say({ method: 'echo', params: ['alive'], id: 'echo' });
    await eventually(
      () => asked[0],
      ({ id, result }) => id === 'echo' && JSON.stringify(result) === '["alive"]',
    );
    const transaction = database.transact({ op: 'select', table: 'Bridge', where: [] });
    const { id } = await eventually(() => asked[1]);
    say({ id, error: null, result: [{ error: 'syntax error', details: 'no such column' }] });
    await expect(transaction).rejects.toThrow(/syntax error: no such column/);
    database.close();
  });

  it.each(['not json at all }', '{"id":1,,}'])('is given up when it says %s', async (nonsense) => {
    const database = await open();
    const lost: string[] = [];
    database.onLost = (reason) => void lost.push(reason);
    const waiting = database.transact({ op: 'comment' });
    const settled = expect(waiting).rejects.toThrow(/nobody understands/);
    await eventually(() => sockets[0]);
    sockets[0]!.write(nonsense);
    await settled;
    expect(lost).toHaveLength(1);
    await expect(database.transact({ op: 'comment' })).rejects.toThrow(/connection is over/);
  });

  it('is found at the addresses that people write', async () => {
    expect(socketFile('unix:///var/run/openvswitch/db.sock')).toBe('/var/run/openvswitch/db.sock');
    expect(socketFile('tcp:127.0.0.1:6640')).toBeUndefined();
    await expect(Ovsdb.open('unix:relative')).rejects.toThrow(/no address of OVSDB/);
    await expect(Ovsdb.open('tcp:127.0.0.1:1')).rejects.toMatchObject({ code: 'UNAVAILABLE', retriable: true });
  });
});
