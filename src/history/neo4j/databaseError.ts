import neo4j from 'neo4j-driver';
import { CanopyError } from '../../common/errors.js';

const AWAY = new Set(['ServiceUnavailable', 'SessionExpired']);
const NO_DATABASE = 'Neo.ClientError.Database.DatabaseNotFound';
const SECURITY = 'Neo.ClientError.Security.';

/** What the driver or the database threw, in our words: what happened, whether to try again, what to do. */
export function databaseError(error: unknown, url: string): CanopyError {
  if (error instanceof CanopyError) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const context = { cause: error, details: { neo4j: code, url } };
  if (code.startsWith(SECURITY)) {
    const advice = 'Check `history.user` and `history.passwordFile`.';
    return new CanopyError('STORE_UNAVAILABLE', `Neo4j at ${url} does not let us in: ${message} ${advice}`, {
      ...context,
      retriable: true,
    });
  }
  if (AWAY.has(code)) {
    return new CanopyError('STORE_UNAVAILABLE', `Neo4j at ${url} cannot be reached: ${message}`, { ...context, retriable: true });
  }
  if (code === NO_DATABASE) {
    return new CanopyError('STORE_UNAVAILABLE', `Neo4j at ${url}: ${message} Check \`history.database\`.`, { ...context, retriable: true });
  }
  if (code.includes('TimedOut') || code.includes('Terminated')) {
    return new CanopyError('DEADLINE_EXCEEDED', `Neo4j took too long: ${message}`, { ...context, retriable: true });
  }
  const retriable = error instanceof Error && neo4j.isRetryableError(error);
  return new CanopyError(retriable ? 'STORE_UNAVAILABLE' : 'INTERNAL', `Neo4j: ${message}`, { ...context, retriable });
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '';
