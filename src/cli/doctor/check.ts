import type { Config } from '../../common/config/config.js';

/** `warn`: works, with something missing; `fail`: does not work until something is done. */
export type Health = 'ok' | 'warn' | 'fail';

/** What one look has shown. */
export interface Finding {
  /** What was looked at: `data folder`. */
  readonly name: string;
  readonly health: Health;
  /** What was found, one line. */
  readonly says: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** One part of the machine or of the configuration that is looked at. Changes nothing and never throws. */
export type Check = (config: Config) => Promise<readonly Finding[]>;

export const ok = (name: string, says: string): Finding => ({ name, health: 'ok', says });
export const warn = (name: string, says: string, advice: string): Finding => ({ name, health: 'warn', says, advice });
export const fail = (name: string, says: string, advice: string): Finding => ({ name, health: 'fail', says, advice });

/** First line of what an error says. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
