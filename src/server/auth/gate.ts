import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../common/clock.js';
import type { AuthConfig, TokensConfig } from '../../common/config/config.js';
import { CanopyError } from '../../common/errors.js';
import type { Log } from '../../common/log.js';
import type { Awaitable } from '../../services/awaitable.js';
import { everybody, type Authenticate, type Door, type Viewer } from '../../services/viewer.js';
import { credentialsOf } from '../../common/credentials.js';
import { Attempts } from './attempts.js';
import { certifiedName } from './certificates.js';
import { findToken, isGood, readMachineTokens } from './machineTokens.js';
import { hashPassword, verifyPassword } from './password.js';
import type { Policy } from './policy.js';
import { Sessions, type Identity } from './sessions.js';
import { openTokenDoor } from './tokens.js';
import { readUsers, type Users } from './users.js';
import { watchFile } from './watchedFile.js';

/** Folder below the data folder, and what is in it unless the configuration says otherwise. */
const AUTH_FOLDER = 'auth';
const SESSIONS_FILE = 'sessions';

/** Milliseconds for which a password that was found right is not worked out again. */
const REMEMBER_PASSWORD_MS = 5 * 60_000;
const REMEMBERED_PASSWORDS = 1_000;

/** Milliseconds for which the token of an old client is good: it logs in again when it is refused. */
const OLD_LOGIN_MS = 12 * 3_600_000;

/** Passwords that are checked at once, each on a thread of its own, and that may wait for that. */
const CHECKS_AT_ONCE = 2;
const CHECKS_WAITING = 50;

/** Where the users and the tokens of an analyzer are kept. */
export const authFiles = ({ auth, dataDir }: { readonly auth: AuthConfig; readonly dataDir: string }) => ({
  users: auth.usersFile ?? join(dataDir, AUTH_FOLDER, 'users'),
  tokens: auth.tokensFile ?? join(dataDir, AUTH_FOLDER, 'tokens'),
});

export interface GateOptions {
  readonly auth: AuthConfig;
  readonly tokens: TokensConfig;
  readonly dataDir: string;
  /** Agents come in with a certificate only, but for the one of this process. */
  readonly needsCertificate?: boolean;
  /** Token of an agent that the same process runs; does not lock the doors. */
  readonly ownAgentToken?: string;
  readonly policy: Policy;
  /** Cost of checking the password of somebody who is not there, as of `hashPassword`. */
  readonly decoyLogN?: number;
  /** Told of everybody who gives a password: whether it was right. Passwords that come again within minutes are not told again. */
  readonly noteSignIn?: (name: string, from: string, isRight: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who comes in, and as whom. */
export interface Gate {
  /** Nobody is asked: there are neither users nor tokens, and there never were since the start. */
  readonly isOpen: boolean;
  /** From now on everybody is asked, although there is nobody yet. */
  lock(): void;
  readonly authenticate: Authenticate;
  /** An agent, by the certificate that it shows or else by its credentials. */
  admitAgent(request: IncomingMessage): Awaitable<Viewer | undefined>;
  /** Somebody who gives a name and a password. Throws `UNAUTHENTICATED`, and `LIMIT_EXCEEDED` after too many wrong ones. */
  signIn(name: string, password: string, from: string): Promise<Identity>;
  /** The same, with a token for whoever cannot refresh a session. */
  login(name: string, password: string, from: string): Promise<{ readonly viewer: Viewer; readonly token: string }>;
  /** Whether a session would be given anew: its user is still there, with the same password. */
  vouchesFor(session: Identity): boolean;
  viewerOf(identity: Identity): Viewer;
  readonly sessions: Sessions;
}

/** Reads users and tokens. Throws `CONFIG_INVALID` for what is wrong in them. */
export function openGate({
  auth,
  tokens,
  dataDir,
  needsCertificate = false,
  ownAgentToken,
  policy,
  decoyLogN,
  noteSignIn,
  clock,
  log,
}: GateOptions): Gate {
  const listed = openTokenDoor(tokens, ownAgentToken);
  const files = authFiles({ auth, dataDir });
  const users = watchFile(files.users, (text) => withKnownRoles(readUsers(text, files.users), auth.defaultRole, policy, files.users), {
    clock,
    log,
  });
  const machines = watchFile(files.tokens, (text) => readMachineTokens(text, files.tokens), { clock, log });
  const sessions = new Sessions(join(dataDir, AUTH_FOLDER, SESSIONS_FILE), clock);
  const attempts = new Attempts(clock);
  const rightPasswords = new LRUCache<string, string>({ max: REMEMBERED_PASSWORDS, ttl: REMEMBER_PASSWORD_MS });
  const checks = new Checks();
  let decoy: Promise<string> | undefined;
  // Once closed the doors stay so: whoever removes the last user does not mean to let everybody in.
  let isClosed = listed.hasTokens;

  const isOpen = (): boolean => !(isClosed ||= users.current().size + machines.current().size > 0);

  const identityOf = (name: string): Identity | undefined => {
    const user = users.current().get(name);
    return user && { name, roles: user.roles.length > 0 ? user.roles : [auth.defaultRole], print: printOf(user.hash) };
  };

  const vouchesFor = ({ name, print }: Identity): boolean => {
    const user = users.current().get(name);
    return user !== undefined && printOf(user.hash) === print;
  };

  const viewerOf = (identity: Identity): Viewer => {
    // Roles are those of now, not those of when the session began.
    const { name, roles } = identityOf(identity.name) ?? identity;
    return policy.viewer(name, roles, () => vouchesFor(identity));
  };

  /** Who shows a token; passwords take longer. */
  function byToken(credential: string): Viewer | undefined {
    const roles = listed.rolesOf(credential);
    if (roles.length > 0) return policy.viewer(`${roles.at(-1)} token`, roles);
    const session = sessions.read(credential, 'session');
    if (session !== undefined) return vouchesFor(session) ? viewerOf(session) : undefined;
    const now = clock.now();
    const machine = findToken(machines.current(), credential, now) ?? findToken(machines.refreshed(), credential, now);
    if (machine === undefined) return undefined;
    const { id } = machine;
    return policy.viewer(`token:${machine.name}`, machine.roles, () => {
      const token = machines.current().get(id);
      return token !== undefined && isGood(token, clock.now());
    });
  }

  async function signIn(name: string, password: string, from: string): Promise<Identity> {
    attempts.check(name, from);
    const user = users.current().get(name) ?? users.refreshed().get(name);
    const key = createHash('sha256').update(`${name}\n${password}`).digest('base64');
    if (user === undefined || rightPasswords.get(key) !== user.hash) {
      // A name that nobody has takes as long as one that somebody has.
      const hash = user?.hash ?? (await (decoy ??= hashPassword('nobody', decoyLogN)));
      const isRight = await checks.run(() => verifyPassword(password, hash));
      if (!isRight || user === undefined) {
        attempts.failed(name, from);
        log.warn({ user: name.slice(0, 128), from }, 'a wrong name or password');
        noteSignIn?.(name.slice(0, 128), from, false);
        throw new CanopyError('UNAUTHENTICATED', 'Wrong credentials');
      }
      rightPasswords.set(key, user.hash);
      noteSignIn?.(name, from, true);
    }
    attempts.succeeded(name, from);
    return identityOf(name) ?? Promise.reject(new CanopyError('UNAUTHENTICATED', 'Wrong credentials'));
  }

  async function byPassword(credentials: readonly string[], from: string, door: Door): Promise<Viewer | undefined> {
    for (const credential of credentials) {
      const pair = nameAndPassword(credential);
      if (pair === undefined) continue;
      try {
        const viewer = viewerOf(await signIn(pair.name, pair.password, from));
        if (opens(door, viewer)) return viewer;
      } catch (error) {
        if (!(error instanceof CanopyError) || error.code !== 'UNAUTHENTICATED') throw error;
      }
    }
    return undefined;
  }

  const authenticate: Authenticate = ({ credentials, from }, door = 'people') => {
    if (isOpen()) return everybody;
    for (const credential of credentials) {
      const viewer = byToken(credential);
      if (viewer !== undefined && opens(door, viewer)) return viewer;
    }
    return credentials.length === 0 ? undefined : byPassword(credentials, from, door);
  };

  function admitAgent(request: IncomingMessage): Awaitable<Viewer | undefined> {
    const name = certifiedName(request);
    if (name !== undefined) return policy.viewer(`certificate:${name}`, ['agent']);
    const credentials = credentialsOf(request.headers, new URL(request.url ?? '/', 'http://analyzer').searchParams);
    if (needsCertificate && !(ownAgentToken !== undefined && credentials.includes(ownAgentToken))) return undefined;
    return authenticate({ credentials, from: request.socket.remoteAddress ?? '' }, 'agents');
  }

  return {
    get isOpen() {
      return isOpen();
    },
    lock: () => void (isClosed = true),
    authenticate,
    admitAgent,
    signIn,
    async login(name, password, from) {
      const identity = await signIn(name, password, from);
      return { viewer: viewerOf(identity), token: sessions.issue(identity, 'session', OLD_LOGIN_MS) };
    },
    vouchesFor,
    viewerOf,
    sessions,
  };
}

/** Whoever is an agent and nothing else is nobody at the doors of people. */
const opens = (door: Door, { roles }: Viewer): boolean => door === 'agents' || roles.some((role) => role !== 'agent');

/** Throws `CONFIG_INVALID` for a role that no policy knows: most likely it is misspelt. */
function withKnownRoles(users: Users, defaultRole: string, policy: Policy, path: string): Users {
  for (const { name, roles } of users.values()) {
    const unknown = [...roles, defaultRole].find((role) => !policy.hasRole(role));
    if (unknown !== undefined)
      throw new CanopyError('CONFIG_INVALID', `${path}: the user '${name}' has the role '${unknown}', of which no policy says anything`);
  }
  return users;
}

/** `NAME:PASSWORD` in base64, as Skydive's tokens and HTTP's Basic scheme have it. */
function nameAndPassword(credential: string): { readonly name: string; readonly password: string } | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(credential)) return undefined;
  const text = Buffer.from(credential, 'base64').toString('utf8');
  const split = text.indexOf(':');
  return split > 0 ? { name: text.slice(0, split), password: text.slice(split + 1) } : undefined;
}

/** Tells one hash from another and says nothing of it. */
const printOf = (hash: string): string => createHash('sha256').update(hash).digest('base64url').slice(0, 16);

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
