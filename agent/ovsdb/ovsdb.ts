import { connect, type Socket } from 'node:net';
import { CanopyError } from '../../src/common/errors.js';
import { JsonSplitter } from './splitter.js';

/** The database of Open vSwitch, over its management protocol (RFC 7047). */

const DATABASE = 'Open_vSwitch';
/** Milliseconds for connecting, and for an answer. */
const PATIENCE = 10_000;

/** A value of a column, RFC 7047 §5.1: an atom, or `['uuid', …]`, `['set', […]]`, `['map', [[key, value], …]]`. */
export type OvsValue = string | number | boolean | readonly [kind: string, content: unknown];

/** One operation of a transaction, RFC 7047 §5.2. */
export type OvsOperation = Readonly<Record<string, unknown>> & { readonly op: string };

/** A row by column. */
export type OvsRow = Readonly<Record<string, OvsValue>>;

/** What changed in what is watched, by table and id of the row: what each is now, in the columns that are watched; without `new` it is gone. */
export type OvsUpdate = Readonly<Record<string, Readonly<Record<string, { readonly new?: OvsRow | null }>>>>;

/** What an operation came to: rows of a `select`, the id of an `insert`, a count. */
export interface OvsResult {
  readonly rows?: readonly OvsRow[];
  readonly uuid?: readonly ['uuid', string];
  readonly count?: number;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** A connection to the database. */
export class Ovsdb {
  private readonly splitter = new JsonSplitter();
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private isOver = false;
  private heard: (update: OvsUpdate) => void = () => undefined;
  /** Hears, once, that the connection is over although nobody closed it. */
  onLost: (reason: string) => void = () => undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly address: string,
  ) {
    socket.on('data', (piece) => this.receive(piece));
    socket.on('close', () => this.end('it was closed by Open vSwitch'));
    // `close` follows.
    socket.on('error', () => undefined);
  }

  /** Connects to `unix:PATH`, `unix://PATH`, `tcp:HOST:PORT`, `tcp://HOST:PORT` or `HOST:PORT`. Throws `UNAVAILABLE`, retriable; `BAD_INPUT` for another address. */
  static async open(address: string): Promise<Ovsdb> {
    const target = readAddress(address);
    if (target === undefined)
      throw new CanopyError('BAD_INPUT', `${JSON.stringify(address)} is no address of OVSDB; write unix:PATH or tcp:HOST:PORT`);
    const socket = connect(target);
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string, cause?: unknown): void => {
        clearTimeout(timer);
        socket.destroy();
        reject(
          new CanopyError('UNAVAILABLE', `Open vSwitch is not reached at ${address}: ${reason} (agent.ovsdb)`, { retriable: true, cause }),
        );
      };
      const timer = setTimeout(() => fail('it does not answer'), PATIENCE);
      socket.once('error', (error) => fail(error.message, error));
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve();
      });
    });
    return new Ovsdb(socket, address);
  }

  /** Runs operations as one transaction. Throws `UNAVAILABLE`, retriable, with what the database says; then nothing was done. */
  async transact(...operations: readonly OvsOperation[]): Promise<readonly OvsResult[]> {
    const results = (await this.call('transact', [DATABASE, ...operations])) as readonly (OvsResult & {
      error?: string;
      details?: string;
    })[];
    // An operation that fails has its error at its place; one that fails at the end of it all comes last.
    for (const result of results) {
      if (result?.error === undefined) continue;
      throw this.problem(`${result.error}${result.details === undefined ? '' : `: ${result.details}`}`);
    }
    return results;
  }

  /** Names of the columns by table, as the schema of this version has them. */
  async columns(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
    const { tables } = (await this.call('get_schema', [DATABASE])) as {
      readonly tables: Readonly<Record<string, { readonly columns: object }>>;
    };
    return new Map(Object.entries(tables).map(([table, { columns }]) => [table, new Set(Object.keys(columns))]));
  }

  /** Tells what is in these columns now, before it resolves, and from then on every change: names of columns by table. Once for a connection. */
  async monitor(tables: Readonly<Record<string, readonly string[]>>, heard: (update: OvsUpdate) => void): Promise<void> {
    this.heard = heard;
    const requests = Object.fromEntries(Object.entries(tables).map(([table, columns]) => [table, { columns }]));
    // Not when the promise is awaited: a change may come in the same piece.
    await this.call('monitor', [DATABASE, null, requests], (result) => heard(result as OvsUpdate));
  }

  close(): void {
    this.onLost = () => undefined;
    this.end('it was closed');
    this.socket.destroy();
  }

  private call(method: string, params: readonly unknown[], answered: (result: unknown) => void = () => undefined): Promise<unknown> {
    if (this.isOver) return Promise.reject(this.problem('the connection is over'));
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(this.problem('it does not answer'));
      }, PATIENCE);
      const answer = (result: unknown): void => {
        answered(result);
        resolve(result);
      };
      this.waiting.set(id, { resolve: answer, reject, timer });
      this.send({ method, params, id });
    });
  }

  private send(message: unknown): void {
    this.socket.write(JSON.stringify(message));
  }

  private receive(piece: Buffer): void {
    try {
      for (const message of this.splitter.push(piece)) this.take(message as Readonly<Record<string, unknown>>);
    } catch (error) {
      this.end(`it says what nobody understands: ${(error as Error).message}`);
      this.socket.destroy();
    }
  }

  private take({ id, method, params, result, error }: Readonly<Record<string, unknown>>): void {
    // Who does not answer is taken for dead.
    if (method === 'echo') return this.send({ result: params, error: null, id });
    if (method === 'update') return this.heard((params as readonly [unknown, OvsUpdate])[1]);
    const waiting = this.waiting.get(id as number);
    if (waiting === undefined) return;
    this.waiting.delete(id as number);
    clearTimeout(waiting.timer);
    if (error === null || error === undefined) waiting.resolve(result);
    else waiting.reject(this.problem(JSON.stringify(error)));
  }

  private end(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(this.problem(reason));
    }
    this.waiting.clear();
    this.onLost(reason);
  }

  private problem(reason: string): CanopyError {
    return new CanopyError('UNAVAILABLE', `Open vSwitch at ${this.address}: ${reason}`, { retriable: true });
  }
}

/** The file of a socket, for who wants to see whether it is there; `undefined` for other addresses. */
export const socketFile = (address: string): string | undefined => /^unix:(?:\/\/)?(\/.+)$/.exec(address)?.[1];

function readAddress(address: string): { path: string } | { host: string; port: number } | undefined {
  const path = socketFile(address);
  if (path !== undefined) return { path };
  const match = /^(?:tcp:(?:\/\/)?)?(?:\[([^\]]+)\]|([^:/[\]]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || host === 'unix' ? undefined : { host, port: Number(match![3]) };
}
