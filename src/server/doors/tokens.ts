import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokensConfig } from '../../common/config/config.js';
import { readTokens } from '../../common/config/tokens.js';

/** What a caller of GraphQL may do. A writer may also read. */
export type Role = 'reader' | 'writer';

/** Who may come in. */
export interface TokenDoor {
  /** No tokens are configured: nobody is asked, everybody is a writer, and every agent is let in. */
  readonly isOpen: boolean;
  /** The stronger role of a bearer of this token; `undefined` for a wrong one, or none where one is needed. */
  roleOf(token: string | undefined): Role | undefined;
  /** Whether its bearer may publish as an agent. */
  isAgent(token: string | undefined): boolean;
}

/**
 * Reads the configured tokens. As soon as one list has a token every door asks for one, so that a forgotten list locks out instead of
 * letting in. Throws `CONFIG_INVALID` for a file that cannot be read.
 */
export function openTokenDoor(config: TokensConfig): TokenDoor {
  const [writers, readers, agents] = [config.writers, config.readers, config.agents].map((list) => readTokens(list).map(digest)) as [
    Buffer[],
    Buffer[],
    Buffer[],
  ];
  const isOpen = writers.length + readers.length + agents.length === 0;
  return {
    isOpen,
    roleOf(token) {
      if (isOpen) return 'writer';
      // Both lists are compared whole, also after a hit: the time says nothing about which, or how far one was right.
      const [isWriter, isReader] = [isIn(writers, token), isIn(readers, token)];
      return isWriter ? 'writer' : isReader ? 'reader' : undefined;
    },
    isAgent: (token) => isOpen || isIn(agents, token),
  };
}

/** Whether the token is one of those known by their digests; takes the same time wherever it stands. */
function isIn(known: readonly Buffer[], token: string | undefined): boolean {
  if (token === undefined) return false;
  const presented = digest(token);
  let found = false;
  for (const expected of known) found = timingSafeEqual(presented, expected) || found;
  return found;
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The token of an `Authorization: Bearer …` header or of the same text in a connection's first message. */
export function bearerToken(authorization: unknown): string | undefined {
  if (typeof authorization !== 'string') return undefined;
  return /^bearer +(\S+)$/i.exec(authorization.trim())?.[1];
}
