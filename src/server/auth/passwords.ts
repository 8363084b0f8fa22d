import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import { Attempts } from './attempts.js';
import { hashPassword, verifyPassword } from './password.js';
import type { Bearer, Known, Provider } from './providers/provider.js';
import type { User, Users } from './users.js';
import type { WatchedFile } from './watchedFile.js';

/** Milliseconds for which a password that was found right is not worked out again. */
const REMEMBER_PASSWORD_MS = 5 * 60_000;
const REMEMBERED_PASSWORDS = 1_000;

/** Passwords that are checked at once, each on a thread of its own, and that may wait for that. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 50;

/** Characters of a name that nobody has to see whole. */
const SHOWN_NAME = 128;

/** Whose password it was: somebody in our file, or somebody whom a provider knows. */
export type Owner =
  { readonly user: User } | { readonly user?: undefined; readonly provider: Provider; readonly known: Known & { readonly token: string } };

/** Checks names and passwords. Both throw `UNAUTHENTICATED` for wrong ones, and `LIMIT_EXCEEDED` after too many of them. */
export interface Passwords {
  ownerOf(name: string, password: string, from: string): Promise<Owner>;
  /** The same for whoever shows them with each request: a provider is not asked each time. */
  bearerOf(
    name: string,
    password: string,
    from: string,
  ): Promise<{ readonly user: User } | { readonly user?: undefined; readonly bearer: Bearer }>;
}

export interface PasswordsOptions {
  readonly users: WatchedFile<Users>;
  readonly providers: readonly Provider[];
  readonly decoyLogN?: number;
  readonly noteSignIn?: (name: string, from: string, isRight: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export function openPasswords({ users, providers, decoyLogN, noteSignIn, clock, log }: PasswordsOptions): Passwords {
  const attempts = new Attempts(clock);
  const right = new LRUCache<string, string>({ max: REMEMBERED_PASSWORDS, ttl: REMEMBER_PASSWORD_MS });
  const bearers = new LRUCache<string, Bearer>({ max: REMEMBERED_PASSWORDS, ttl: REMEMBER_PASSWORD_MS });
  const checks = new Checks();
  const elsewhere = providers.find(({ withPassword }) => withPassword !== undefined);
  let decoy: Promise<string> | undefined;

  const userOf = (name: string): User | undefined => users.current().get(name) ?? users.refreshed().get(name);

  function refuse(name: string, from: string): never {
    const shown = name.slice(0, SHOWN_NAME);
    attempts.failed(name, from);
    log.warn({ user: shown, from }, 'a wrong name or password');
    noteSignIn?.(shown, from, false);
    throw new CanopyError('UNAUTHENTICATED', 'Wrong credentials');
  }

  async function checkHere(name: string, password: string, from: string, user: User | undefined): Promise<User> {
    const key = digest(name, password);
    if (user === undefined || right.get(key) !== user.hash) {
      // A name that nobody has takes as long as one that somebody has.
      const hash = user?.hash ?? (await (decoy ??= hashPassword('nobody', decoyLogN)));
      const isRight = await checks.run(() => verifyPassword(password, hash));
      if (!isRight || user === undefined) refuse(name, from);
      right.set(key, user.hash);
      noteSignIn?.(name, from, true);
    }
    attempts.succeeded(name, from);
    return users.current().get(name) ?? refuse(name, from);
  }

  async function ownerOf(name: string, password: string, from: string): Promise<Owner> {
    attempts.check(name, from);
    const user = userOf(name);
    if (user !== undefined || elsewhere === undefined) return { user: await checkHere(name, password, from, user) };
    const known = (await checks.run(() => elsewhere.withPassword!(name, password))) ?? refuse(name, from);
    attempts.succeeded(name, from);
    noteSignIn?.(known.name, from, true);
    return { provider: elsewhere, known };
  }

  return {
    ownerOf,
    async bearerOf(name, password, from) {
      const key = digest(name, password);
      const remembered = userOf(name) === undefined ? bearers.get(key) : undefined;
      if (remembered?.isStillGood() === true) return { bearer: remembered };
      const owner = await ownerOf(name, password, from);
      if (owner.user !== undefined) return owner;
      const bearer = await owner.provider.withToken!(owner.known.token);
      if (bearer === undefined) throw new CanopyError('UNAUTHENTICATED', 'Wrong credentials');
      bearers.set(key, bearer);
      return { bearer };
    },
  };
}

const digest = (name: string, password: string): string => createHash('sha256').update(`${name}\n${password}`).digest('base64');

/** Runs few of what costs much at once. */
class Checks {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Throws `UNAVAILABLE` when too many wait. */
  async run<T>(check: () => Promise<T>): Promise<T> {
    if (this.#running >= CHECKS_AT_ONCE) {
      if (this.#waiting.length >= CHECKS_WAITING)
        throw new CanopyError('UNAVAILABLE', 'too many passwords to check; try again', { retriable: true });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await check();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
