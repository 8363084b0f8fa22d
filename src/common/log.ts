import { pino } from 'pino';

/** What the rooms need of a logger: facts first, then the sentence. */
export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
  child(facts: object): Log;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Keys whose values never reach a log. */
const SECRETS = ['token', 'password', 'authorization', '*.token', '*.password', '*.authorization', 'headers.cookie'];

/** JSON lines on standard error, so that standard output stays for answers. */
export const createLog = (level: LogLevel): Log =>
  pino({ level, redact: SECRETS, base: undefined }, pino.destination({ fd: 2, sync: true }));

/** Says nothing; for tests and for callers that do not care. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};
