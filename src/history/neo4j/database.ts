import neo4j, { type Driver, type ManagedTransaction, type Session } from 'neo4j-driver';
import { programVersion } from '../../common/version.js';
import { databaseError } from './databaseError.js';

/** How long an address may take to answer, ms: a wrong one is then tried again. */
const CONNECT_MS = 5_000;

/** How long a question waits for a free connection, ms. */
const ACQUIRE_MS = 10_000;

/** Connections at most. */
const CONNECTIONS = 16;

export interface DatabaseAddress {
  /** `bolt://…`, `neo4j://…`, with `+s` for TLS. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Name of the database on the server. */
  readonly database: string;
}

/** Parameters of a statement. Whole numbers are sent as integers, others as floats. */
export type Parameters = Readonly<Record<string, unknown>>;

/** One row of an answer by the names in `RETURN`. Integers are numbers. */
export type ReadRow = Readonly<Record<string, unknown>>;

export interface ReadOptions {
  /** The caller does not wait any more: the statement is stopped. */
  readonly signal?: AbortSignal;
  /** Longest that the statement may run, ms; then `DEADLINE_EXCEEDED`. */
  readonly timeoutMs?: number;
}

/** Runs one statement in a transaction that is open. */
export type Run = (statement: string, parameters?: Parameters) => Promise<readonly ReadRow[]>;

/** What the database is, as it says. */
export interface ServerFacts {
  /** `Neo4j/5.26.30`. */
  readonly agent: string;
  readonly address: string;
}

/** A database in Neo4j. Every call may throw `STORE_UNAVAILABLE` (retriable), `DEADLINE_EXCEEDED`, or `INTERNAL` with Neo4j's code in the details. */
export interface Database {
  /** All rows of a statement that only reads. */
  read(statement: string, parameters?: Parameters, options?: ReadOptions): Promise<readonly ReadRow[]>;
  /** The same, row by row; the database waits while nobody takes one. */
  rows(statement: string, parameters?: Parameters, options?: ReadOptions): AsyncGenerator<ReadRow>;
  /** One transaction; it is durable when the promise resolves. Not tried again here. */
  write<T>(work: (run: Run) => Promise<T>): Promise<T>;
  /** A statement in a transaction of its own, for schema and for `IN TRANSACTIONS`. */
  command: Run;
  /** Throws when it cannot be reached or does not let us in. */
  verify(): Promise<ServerFacts>;
  close(): Promise<void>;
}

/** Prepares connections; none is made before the first call. */
export function openDatabase({ url, user, password, database }: DatabaseAddress): Database {
  const driver: Driver = neo4j.driver(url, neo4j.auth.basic(user, password), {
    disableLosslessIntegers: true,
    connectionTimeout: CONNECT_MS,
    connectionAcquisitionTimeout: ACQUIRE_MS,
    maxConnectionPoolSize: CONNECTIONS,
    maxTransactionRetryTime: 0,
    telemetryDisabled: true,
    userAgent: `canopy/${programVersion()}`,
  });
  const during = async <T>(mode: 'READ' | 'WRITE', work: (session: Session) => Promise<T>): Promise<T> => {
    const session = driver.session({ database, defaultAccessMode: mode });
    try {
      return await work(session);
    } catch (error) {
      throw databaseError(error, url);
    } finally {
      await session.close().catch(() => undefined);
    }
  };

  async function* rows(statement: string, parameters: Parameters = {}, { signal, timeoutMs }: ReadOptions = {}): AsyncGenerator<ReadRow> {
    signal?.throwIfAborted();
    const session = driver.session({ database, defaultAccessMode: 'READ' });
    // Closing the session resets the connection, which stops the statement in the database.
    const stop = (): void => void session.close().catch(() => undefined);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const result = session.run(statement, toParameters(parameters), timeoutMs === undefined ? {} : { timeout: timeoutMs });
      for await (const record of result) yield record.toObject();
    } catch (error) {
      signal?.throwIfAborted();
      throw databaseError(error, url);
    } finally {
      signal?.removeEventListener('abort', stop);
      await session.close().catch(() => undefined);
    }
  }

  return {
    rows,
    async read(statement, parameters, options) {
      const all: ReadRow[] = [];
      for await (const row of rows(statement, parameters, options)) all.push(row);
      return all;
    },
    write: (work) => during('WRITE', (session) => session.executeWrite((transaction) => work(runIn(transaction)))),
    command: (statement, parameters = {}) =>
      during('WRITE', async (session) => {
        const { records } = await session.run(statement, toParameters(parameters));
        return records.map((record) => record.toObject());
      }),
    async verify() {
      return during('READ', async () => {
        const { agent, address } = await driver.getServerInfo({ database });
        return { agent: agent ?? 'Neo4j', address: address ?? url };
      });
    },
    close: () => driver.close(),
  };
}

const runIn =
  (transaction: ManagedTransaction): Run =>
  async (statement, parameters = {}) => {
    const { records } = await transaction.run(statement, toParameters(parameters));
    return records.map((record) => record.toObject());
  };

const toParameters = (parameters: Parameters): Record<string, unknown> => toParameter(parameters) as Record<string, unknown>;

/** The value with its whole numbers as integers: the driver would send every number as a float. */
function toParameter(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? neo4j.int(value) : value;
  if (Array.isArray(value)) return value.map(toParameter);
  if (typeof value !== 'object' || value === null) return value;
  const converted: Record<string, unknown> = {};
  for (const key in value) converted[key] = toParameter((value as Record<string, unknown>)[key]);
  return converted;
}
