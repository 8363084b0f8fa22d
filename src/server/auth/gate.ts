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
import { certifiedName } from './certificates.js';
import { findToken, isGood, readMachineTokens, type MachineToken } from './machineTokens.js';
import { openPasswords } from './passwords.js';
import type { Policy } from './policy.js';
import type { Bearer, Known, Provider } from './providers/provider.js';
import { areSame } from './providers/roles.js';
import { SignIns, type SignIn } from './providers/signIns.js';
import { Sessions, type Identity, type Session } from './sessions.js';
import { openTokenDoor } from './tokens.js';
import { readUsers, type KnownUser } from './users.js';
import { watchFile } from './watchedFile.js';

/** Folder below the data folder, and what is in it unless the configuration says otherwise. */
const AUTH_FOLDER = 'auth';
const SESSIONS_FILE = 'sessions';
const SIGN_INS_FOLDER = 'sign-ins';

/** Tokens of which it is known whom they let in: programs show the same one with every request. */
const KEPT_BEARERS = 10_000;

/** Milliseconds for which the token of an old client is good: it logs in again when it is refused. */
const OLD_LOGIN_MS = 12 * 3_600_000;

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
  /** Others who know people. */
  readonly providers?: readonly Provider[];
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
  /** Somebody whom a provider knows. Throws `FORBIDDEN` for a name that one of our own users has. */
  enter(provider: Provider, known: Known, from: string): Identity;
  /** Whether a session would be given anew: its user is still there, with the same password, or a provider still knows them. */
  vouchesFor(session: Identity): boolean;
  /** As whom a session goes on; `undefined` where it does not. */
  renew(session: Session): Promise<Identity | undefined>;
  /** Ends a sign-in at a provider; what was kept of it. */
  leave(session: Identity): SignIn | undefined;
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
  providers = [],
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
  const passwords = openPasswords({ users, providers, decoyLogN, noteSignIn, clock, log });
  const signIns = new SignIns({ folder: join(dataDir, AUTH_FOLDER, SIGN_INS_FOLDER), providers, lifetimes: auth, clock, log });
  // Once closed the doors stay so: whoever removes the last user does not mean to let everybody in.
  let isClosed = listed.hasTokens || providers.length > 0;

  const isOpen = (): boolean => !(isClosed ||= users.current().size + machines.current().size > 0);

  const identityOf = (name: string): Identity | undefined => {
    const user = users.current().get(name);
    return user && { name, roles: user.roles.length > 0 ? user.roles : [auth.defaultRole], print: user.print };
  };

  const vouchesFor = ({ name, print, signIn }: Identity): boolean => {
    const user = users.current().get(name);
    // Who is one of our own users is nobody else.
    if (signIn !== undefined) return user === undefined && signIns.isGood(signIn);
    return user !== undefined && user.print === print;
  };

  const viewerOf = (identity: Identity): Viewer => {
    const { name, signIn, visit } = identity;
    // Those of now, not those of when the session began.
    const rolesNow = (): readonly string[] => ((signIn === undefined ? identityOf(name) : signIns.get(signIn)) ?? identity).roles;
    const scopesNow = (): readonly string[] => (signIn === undefined ? (users.current().get(name)?.scopes ?? []) : []);
    const roles = rolesNow();
    const scopes = scopesNow();
    // Who is connected does not go on with what they might do and see before: they come in anew.
    const isStillGood = (): boolean =>
      vouchesFor(identity) && (visit === undefined || sessions.goesOn(visit)) && areSame(roles, rolesNow()) && areSame(scopes, scopesNow());
    return policy.viewer(name, roles, isStillGood, scopes);
  };

  /** Who shows a token; passwords take longer. */
  function byToken(credential: string): Viewer | undefined {
    const tokens = machines.current();
    if (tokens !== bearersOf) bearers.clear();
    bearersOf = tokens;
    const known = bearers.get(credential);
    if (known !== undefined && (known.machine === undefined || isGood(known.machine, clock.now()))) return known.viewer;
    const roles = listed.rolesOf(credential);
    if (roles.length > 0) return kept(credential, policy.viewer(`${roles.at(-1)} token`, roles));
    const session = sessions.read(credential, 'session');
    if (session !== undefined) return bySession(session);
    const now = clock.now();
    const machine = findToken(tokens, credential, now);
    if (machine !== undefined) return kept(credential, machineViewer(machine), machine);
    const added = findToken(machines.refreshed(), credential, now);
    return added && machineViewer(added);
  }

  /** Whom tokens let in, as long as the file of tokens says the same; `machine`: what it says of this one. */
  const bearers = new LRUCache<string, { readonly viewer: Viewer; readonly machine: MachineToken | undefined }>({ max: KEPT_BEARERS });
  let bearersOf = machines.current();
  function kept(credential: string, viewer: Viewer, machine?: MachineToken): Viewer {
    bearers.set(credential, { viewer, machine });
    return viewer;
  }

  /** One for all requests of a session of our own users, as long as their file says the same. */
  let sessionViewers = new WeakMap<Session, Viewer>();
  let sessionViewersOf = users.current();
  function bySession(session: Session): Viewer | undefined {
    const now = users.current();
    if (now !== sessionViewersOf) sessionViewers = new WeakMap();
    sessionViewersOf = now;
    const known = sessionViewers.get(session);
    if (known !== undefined) return known;
    if (!vouchesFor(session)) return undefined;
    const viewer = viewerOf(session);
    if (session.signIn === undefined) sessionViewers.set(session, viewer);
    return viewer;
  }

  function machineViewer({ id, name, roles, scopes }: MachineToken): Viewer {
    const isStillGood = (): boolean => {
      const token = machines.current().get(id);
      return token !== undefined && isGood(token, clock.now()) && areSame(token.roles, roles) && areSame(token.scopes, scopes);
    };
    return policy.viewer(`token:${name}`, roles, isStillGood, scopes);
  }

  const identified = (name: string): Identity => {
    const identity = identityOf(name);
    if (identity === undefined) throw new CanopyError('UNAUTHENTICATED', 'Wrong credentials');
    return identity;
  };

  function begin(provider: Provider, known: Known): Identity {
    if (users.refreshed().has(known.name))
      throw new CanopyError(
        'FORBIDDEN',
        `there is a user '${known.name}' here who is not that of ${provider.status().name}: sign in with the password`,
      );
    const { id, name, roles } = signIns.begin(provider.source, known);
    return { name, roles, signIn: id };
  }

  async function signIn(name: string, password: string, from: string): Promise<Identity> {
    const owner = await passwords.ownerOf(name, password, from);
    return owner.user === undefined ? begin(owner.provider, owner.known) : identified(name);
  }

  /** Who shows a token that a provider gave. */
  async function byProvider(credentials: readonly string[]): Promise<Viewer | undefined> {
    for (const provider of providers) {
      for (const credential of credentials) {
        const bearer = await provider.withToken?.(credential);
        if (bearer !== undefined && !users.current().has(bearer.name)) return bearerViewer(bearer);
      }
    }
    return undefined;
  }

  const bearerViewer = ({ name, roles, isStillGood }: Bearer): Viewer =>
    policy.viewer(name, roles, () => isStillGood() && !users.current().has(name));

  async function byPassword(credentials: readonly string[], from: string, door: Door): Promise<Viewer | undefined> {
    for (const credential of credentials) {
      const pair = nameAndPassword(credential);
      if (pair === undefined) continue;
      try {
        const owner = await passwords.bearerOf(pair.name, pair.password, from);
        const viewer = owner.user === undefined ? bearerViewer(owner.bearer) : viewerOf(identified(pair.name));
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
    return credentials.length === 0 ? undefined : byOthers(credentials, from, door);
  };

  async function byOthers(credentials: readonly string[], from: string, door: Door): Promise<Viewer | undefined> {
    const viewer = await byProvider(credentials);
    return viewer !== undefined && opens(door, viewer) ? viewer : byPassword(credentials, from, door);
  }

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
      const owner = await passwords.ownerOf(name, password, from);
      if (owner.user === undefined) {
        const viewer = await byProvider([owner.known.token]);
        if (viewer === undefined) throw new CanopyError('UNAUTHENTICATED', 'Wrong credentials');
        return { viewer, token: owner.known.token };
      }
      const identity = identified(name);
      return { viewer: viewerOf(identity), token: sessions.issue(identity, 'session', OLD_LOGIN_MS) };
    },
    enter(provider, known, from) {
      const identity = begin(provider, known);
      noteSignIn?.(known.name, from, true);
      return identity;
    },
    async renew(session) {
      if (!vouchesFor(session)) return undefined;
      if (session.signIn === undefined) return session;
      const renewed = await signIns.renew(session.signIn);
      return renewed && { name: renewed.name, roles: renewed.roles, signIn: renewed.id, visit: session.visit };
    },
    leave: ({ signIn: id }) => (id === undefined ? undefined : signIns.end(id)),
    vouchesFor,
    viewerOf,
    sessions,
  };
}

/** Whoever is an agent and nothing else is nobody at the doors of people. */
const opens = (door: Door, { roles }: Viewer): boolean => door === 'agents' || roles.some((role) => role !== 'agent');

/** Throws `CONFIG_INVALID` for a role that no policy knows: most likely it is misspelt. */
function withKnownRoles<Users extends ReadonlyMap<string, KnownUser>>(
  users: Users,
  defaultRole: string,
  policy: Policy,
  path: string,
): Users {
  for (const { name, roles, scopes = [] } of users.values()) {
    const unknown = [...roles, defaultRole].find((role) => !policy.hasRole(role));
    if (unknown !== undefined)
      throw new CanopyError('CONFIG_INVALID', `${path}: the user '${name}' has the role '${unknown}', of which no policy says anything`);
    const lost = scopes.find((scope) => !policy.scopes.has(scope));
    if (lost !== undefined)
      throw new CanopyError('CONFIG_INVALID', `${path}: the user '${name}' has the scope '${lost}', which is not in auth.scopes`);
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
