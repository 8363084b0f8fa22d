import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import { randomId } from '../../common/ids.js';
import { replaceFile } from './replaceFile.js';

/** Somebody who signed in. */
export interface Identity {
  readonly name: string;
  readonly roles: readonly string[];
  /** What vouches for them: the hash of their password, by its digest; who is known to a provider elsewhere has none. */
  readonly print?: string;
  /** Of whom a provider elsewhere knows: their sign-in there. */
  readonly signIn?: string;
  /** Left out by who has just come. */
  readonly visit?: Visit;
}

/** From signing in until signing out, or until the password is asked for again: all sessions in between are of one visit, and end with it. */
export interface Visit {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

/** What a session's token says. */
export interface Session extends Identity {
  readonly id: string;
  /** `session` opens doors; `refresh` only gets the next session. */
  readonly kind: 'session' | 'refresh';
  readonly visit: Visit;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

interface Kept {
  /** Base64. */
  readonly key: string;
  /** Ids of visits that were ended before their time, and when they would have ended. */
  readonly revoked: Readonly<Record<string, number>>;
}

const PREFIX = 'cs_';
const KEY_BYTES = 32;
/** Tokens whose signature is known to be right. */
const KEPT_TOKENS = 10_000;

/** Tokens that say who signed in, signed with a key in the data folder: they outlive a restart, and nobody has to be remembered. */
export class Sessions {
  #kept: Kept | undefined;
  readonly #known = new LRUCache<string, Session>({ max: KEPT_TOKENS });

  constructor(
    private readonly path: string,
    private readonly clock: Clock,
  ) {}

  /** Read, or made, when the first session needs it. Throws `CONFIG_INVALID` for a file that is damaged. */
  get #keys(): Kept {
    return (this.#kept ??= readKept(this.path));
  }

  issue(identity: Identity, kind: Session['kind'], lifetimeMs: number): string {
    const { name, roles, print, signIn, visit = this.newVisit(lifetimeMs) } = identity;
    const session: Session = { id: randomId(), kind, visit, name, roles, print, signIn, expiresAt: this.clock.now() + lifetimeMs };
    const said = Buffer.from(JSON.stringify(session)).toString('base64url');
    return `${PREFIX}${said}.${this.#sign(said).toString('base64url')}`;
  }

  /** What the token says, when we signed it and it has neither expired nor been ended. */
  read(token: string | undefined, kind: Session['kind']): Session | undefined {
    if (token === undefined || !token.startsWith(PREFIX)) return undefined;
    let session = this.#known.get(token);
    if (session === undefined) {
      session = this.#verified(token);
      if (session === undefined) return undefined;
      this.#known.set(token, session);
    }
    return session.kind === kind && session.expiresAt > this.clock.now() && this.goesOn(session.visit) ? session : undefined;
  }

  newVisit(lifetimeMs: number): Visit {
    return { id: randomId(), until: this.clock.now() + lifetimeMs };
  }

  /** Whether nobody signed out, or has to sign in again. */
  goesOn({ id, until }: Visit): boolean {
    return until > this.clock.now() && !Object.hasOwn(this.#keys.revoked, id);
  }

  /** A text that only we can have written, good for so long: for what others keep for us. `use` keeps one from being taken for another. */
  seal(use: string, value: unknown, lifetimeMs: number): string {
    const said = Buffer.from(JSON.stringify({ value, expiresAt: this.clock.now() + lifetimeMs })).toString('base64url');
    return `${said}.${this.#seal(use, said).toString('base64url')}`;
  }

  /** What was sealed; `undefined` for what we did not seal, or is too old. */
  unseal(use: string, sealed: string | undefined): unknown {
    const [said, signature] = (sealed ?? '').split('.') as [string, string?];
    if (!isSame(signature, this.#seal(use, said))) return undefined;
    const { value, expiresAt } = JSON.parse(Buffer.from(said, 'base64url').toString('utf8')) as { value: unknown; expiresAt: number };
    return expiresAt > this.clock.now() ? value : undefined;
  }

  /** Ends a visit before its time, with all its sessions, also for after a restart. */
  end({ id, until }: Visit): void {
    const now = this.clock.now();
    const running = Object.entries(this.#keys.revoked).filter(([, end]) => end > now);
    this.#kept = { ...this.#keys, revoked: { ...Object.fromEntries(running), [id]: until } };
    replaceFile(this.path, JSON.stringify(this.#kept));
  }

  #verified(token: string): Session | undefined {
    const [said, signature] = token.slice(PREFIX.length).split('.') as [string, string?];
    if (!isSame(signature, this.#sign(said))) return undefined;
    const session = JSON.parse(Buffer.from(said, 'base64url').toString('utf8')) as Omit<Session, 'visit'> & Partial<Session>;
    return session.visit === undefined ? undefined : (session as Session); // of a version before: they sign in anew
  }

  #sign(said: string): Buffer {
    return createHmac('sha256', Buffer.from(this.#keys.key, 'base64')).update(said).digest();
  }

  /** With another key for each use: what was sealed is no session, whatever it says. */
  #seal(use: string, said: string): Buffer {
    return createHmac('sha256', this.#sign(`\u0000${use}`))
      .update(said)
      .digest();
  }
}

/** Takes the same time wherever they differ. */
function isSame(signature: string | undefined, right: Buffer): boolean {
  const given = Buffer.from(signature ?? '', 'base64url');
  return given.length === right.length && timingSafeEqual(given, right);
}

function readKept(path: string): Kept {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const fresh: Kept = { key: randomBytes(KEY_BYTES).toString('base64'), revoked: {} };
    replaceFile(path, JSON.stringify(fresh));
    return fresh;
  }
  try {
    const { key, revoked } = JSON.parse(text) as Kept;
    if (Buffer.from(key, 'base64').length !== KEY_BYTES || typeof revoked !== 'object') throw new Error('it holds no key');
    return { key, revoked };
  } catch (cause) {
    throw new CanopyError('CONFIG_INVALID', `${path} is damaged (${(cause as Error).message}): remove it, and everybody signs in anew`, {
      cause,
    });
  }
}
