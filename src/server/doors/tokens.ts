import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokensConfig } from '../../common/config/config.js';
import { readTokens } from '../../common/config/tokens.js';

/** What a caller may do. A writer may also read; an agent may only publish as an agent. */
export type Role = 'agent' | 'reader' | 'writer';

/** Who may come in. */
export interface TokenDoor {
  /** No tokens are configured: nobody is asked, and everybody is a writer. */
  readonly isOpen: boolean;
  /** The role of a bearer of this token; `undefined` for a wrong one, or none where one is needed. */
  roleOf(token: string | undefined): Role | undefined;
}

/**
 * Reads the configured tokens. As soon as one list has a token every door asks for one, so that a forgotten list locks out instead of
 * letting in. Throws `CONFIG_INVALID` for a file that cannot be read.
 */
export function openTokenDoor(config: TokensConfig): TokenDoor {
  const known: readonly (readonly [Role, Buffer])[] = [
    ...readTokens(config.writers).map((token) => ['writer', digest(token)] as const),
    ...readTokens(config.readers).map((token) => ['reader', digest(token)] as const),
    ...readTokens(config.agents).map((token) => ['agent', digest(token)] as const),
  ];
  const isOpen = known.length === 0;
  return {
    isOpen,
    roleOf(token) {
      if (isOpen) return 'writer';
      if (token === undefined) return undefined;
      const presented = digest(token);
      let found: Role | undefined;
      // Every token is compared, also after a hit: the time says nothing about which, or how far one was right.
      for (const [role, expected] of known) if (timingSafeEqual(presented, expected)) found ??= role;
      return found;
    },
  };
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** The token of an `Authorization: Bearer …` header or of the same text in a connection's first message. */
export function bearerToken(authorization: unknown): string | undefined {
  if (typeof authorization !== 'string') return undefined;
  return /^bearer +(\S+)$/i.exec(authorization.trim())?.[1];
}
