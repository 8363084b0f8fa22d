import { randomBytes, timingSafeEqual } from 'node:crypto';
import { CanopyError } from '../../common/errors.js';
import { tokenDigest } from './tokenDigest.js';

/** What is kept of a token: not the token. */
export interface MachineToken {
  /** Part of the token, by which it is found. */
  readonly id: string;
  /** For people: what it is used for. */
  readonly name: string;
  readonly roles: readonly string[];
  /** Names of `auth.scopes`; left out: its bearer sees everything, unless a role says otherwise. */
  readonly scopes?: readonly string[];
  /** SHA-256 of the token, hexadecimal; nobody guesses 32 random bytes, however fast. */
  readonly sha256: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly revokedAt?: number;
}

/** By id, the oldest first. */
export type MachineTokens = ReadonlyMap<string, MachineToken>;

const TOKEN = /^canopy_([0-9a-f]{12})_[\w-]{43}$/;
const ID_BYTES = 6;
const SECRET_BYTES = 32;

/** A new token: what is kept, and the text that is shown once. */
export function makeToken(wanted: Pick<MachineToken, 'name' | 'roles' | 'scopes' | 'createdAt' | 'expiresAt'>): {
  readonly kept: MachineToken;
  readonly text: string;
} {
  const id = randomBytes(ID_BYTES).toString('hex');
  const text = `canopy_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { text, kept: { id, ...wanted, sha256: tokenDigest(text).toString('hex') } };
}

/** The token that the text is, when it is good now. */
export function findToken(tokens: MachineTokens, text: string, now: number): MachineToken | undefined {
  const id = TOKEN.exec(text)?.[1];
  const token = id === undefined ? undefined : tokens.get(id);
  return token !== undefined && timingSafeEqual(tokenDigest(text), Buffer.from(token.sha256, 'hex')) && isGood(token, now)
    ? token
    : undefined;
}

export const isGood = ({ expiresAt, revokedAt }: MachineToken, now: number): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt > now);

/** Reads lines of JSON. Throws `CONFIG_INVALID` with the line. */
export function readMachineTokens(text: string | undefined, path: string): MachineTokens {
  const tokens = new Map<string, MachineToken>();
  for (const [index, line] of (text ?? '').split('\n').entries()) {
    if (line.trim() === '') continue;
    const token = parsed(line);
    if (token === undefined)
      throw new CanopyError('CONFIG_INVALID', `${path}:${index + 1}: this is no token: use \`canopy token\` to change this file`);
    tokens.set(token.id, token);
  }
  return tokens;
}

export const printMachineTokens = (tokens: MachineTokens): string =>
  Array.from(tokens.values(), (token) => `${JSON.stringify(token)}\n`).join('');

function parsed(line: string): MachineToken | undefined {
  try {
    const token = JSON.parse(line) as Partial<MachineToken>;
    const { scopes } = token;
    if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string'))) return undefined;
    const isToken = typeof token.id === 'string' && /^[0-9a-f]{64}$/.test(token.sha256 ?? '') && Array.isArray(token.roles);
    return isToken && typeof token.name === 'string' ? (token as MachineToken) : undefined;
  } catch {
    return undefined;
  }
}
