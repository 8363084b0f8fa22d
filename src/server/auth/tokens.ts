import { timingSafeEqual } from 'node:crypto';
import type { TokensConfig } from '../../common/config/config.js';
import { readTokens } from '../../common/config/tokens.js';
import { tokenDigest } from './tokenDigest.js';

/** The tokens of `tokens.*`. */
export interface TokenDoor {
  /** Any is configured: then every door asks for one, so that a forgotten list locks out instead of letting in. */
  readonly hasTokens: boolean;
  /** Roles of a bearer of this token, the strongest last; none for a wrong one. */
  rolesOf(token: string): readonly string[];
}

/** Reads the configured tokens. `ownAgent`: one more, of the agent in this process, that does not count as configured. Throws `CONFIG_INVALID` for a file that cannot be read. */
export function openTokenDoor(config: TokensConfig, ownAgent?: string): TokenDoor {
  const lists = { agent: readTokens(config.agents), reader: readTokens(config.readers), writer: readTokens(config.writers) };
  const hasTokens = Object.values(lists).some(({ length }) => length > 0);
  if (ownAgent !== undefined) lists.agent.push(ownAgent);
  const digests = Object.entries(lists).map(([role, tokens]) => ({ role, known: tokens.map(tokenDigest) }));
  return {
    hasTokens,
    rolesOf(token) {
      const presented = tokenDigest(token);
      // All lists are compared whole, also after a hit: the time says nothing about which, or how far one was right.
      const roles = digests.filter(({ known }) => isIn(known, presented)).map(({ role }) => role);
      return roles.includes('writer') && !roles.includes('reader') ? [...roles.slice(0, -1), 'reader', 'writer'] : roles;
    },
  };
}

/** Whether it is one of those known; takes the same time wherever it stands. */
function isIn(known: readonly Buffer[], presented: Buffer): boolean {
  let found = false;
  for (const expected of known) found = timingSafeEqual(presented, expected) || found;
  return found;
}

/** The token of an `Authorization: Bearer …` or `Basic …` header, or of the same text in a connection's first message. */
export function bearerToken(authorization: unknown): string | undefined {
  if (typeof authorization !== 'string') return undefined;
  return /^(?:bearer|basic) +(\S+)$/i.exec(authorization.trim())?.[1];
}
