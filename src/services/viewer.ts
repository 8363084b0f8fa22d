import type { Cancel, Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { Awaitable } from './awaitable.js';
import type { Sight } from './sight/sight.js';

/**
 * What can be allowed: actions by object, both named as in Skydive, so that its policies say here what they say there. The objects that it has not are
 * `schema` (introspection), `audit`, `metrics` and `view`. An action of `websocket` is the path of the endpoint.
 */
export const RIGHTS = {
  alert: ['read', 'write'],
  audit: ['read'],
  capture: ['read', 'write', 'rawpackets'],
  config: ['read'],
  edge: ['read', 'write'],
  edgerule: ['read', 'write'],
  injectpacket: ['read', 'write'],
  metrics: ['read'],
  node: ['read', 'write'],
  noderule: ['read', 'write'],
  pcap: ['write'],
  schema: ['read'],
  status: ['read'],
  topology: ['read', 'write'],
  view: ['read', 'write'],
  websocket: [
    '/graphql',
    '/agent',
    '/ws/subscriber',
    '/ws/subscriber/flow',
    '/ws/publisher',
    '/ws/pubsub',
    '/ws/agent/topology',
    '/ws/agent/flow',
  ],
  workflow: ['read', 'write'],
  'workflow.call': ['write'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** All that somebody may: `capture:write`. */
export const rightsOf = (viewer: Pick<Viewer, 'allows'>): string[] =>
  Object.entries(RIGHTS).flatMap(([object, actions]) =>
    actions.filter((action) => viewer.allows(object, action)).map((action) => `${object}:${action}`),
  );

/** Scopes that say what somebody sees; none: everything. */
export const scopesOf = ({ sight }: Pick<Viewer, 'sight'>): string[] =>
  sight === undefined ? [] : [...sight.stamp.nodes, ...sight.stamp.hides].filter((name) => name !== '').sort();

export type RightObject = keyof typeof RIGHTS;
export type RightAction<Of extends RightObject> = (typeof RIGHTS)[Of][number];

/** Who asks. Made by the server from what the request shows; rights are checked here, in the services, so that no door is forgotten. */
export interface Viewer {
  /** For `viewer`, for logs and for the audit: `anonymous`, a user's name, or which token was shown. Never the token. */
  readonly name: string;
  readonly roles: readonly string[];
  /** The same for viewers who may do the same and see the same. */
  readonly rights: string;
  /** What they see of the graph; everything, where it is left out (`sight/SIGHT.md`). */
  readonly sight?: Sight;
  /** Whether the policy lets them. */
  allows(object: string, action: string): boolean;
  /** Whether whoever came in as this viewer would still be let in: the user is there, the token is not revoked. Always, where it is left out. */
  isStillGood?(): boolean;
}

/** What somebody shows to be let in. */
export interface Shown {
  /** Tokens, and `NAME:PASSWORD` in base64; the most telling first. */
  readonly credentials: readonly string[];
  /** Address that it comes from. */
  readonly from: string;
}

/** Doors for people and their programs, or for agents. */
export type Door = 'people' | 'agents';

/**
 * Who shows one of these; without any: whoever needs none. `undefined` for nobody known; what a known one may do is another question. There at once unless a
 * password has to be checked; rejects with `LIMIT_EXCEEDED` after too many wrong ones.
 */
export type Authenticate = (shown: Shown, door?: Door) => Awaitable<Viewer | undefined>;

/** Somebody on a door where nobody is asked who they are. */
export const everybody: Viewer = {
  name: 'anonymous',
  roles: ['reader', 'writer', 'administrator'],
  rights: 'everything',
  allows: () => true,
};

/** Throws `FORBIDDEN` unless the viewer may do this. */
export function requireRight<Of extends RightObject>(viewer: Viewer, object: Of, action: RightAction<Of>): void {
  if (!viewer.allows(object, action)) throw forbidden(viewer, object, action);
}

/** The text is Skydive's: old clients show it. */
export const forbidden = ({ name, roles }: Viewer, object: string, action: string): CanopyError =>
  new CanopyError('FORBIDDEN', `'${name}' has no '${action}' permission on '${object}'`, {
    details: { needed: { object, action }, roles },
  });

/** Milliseconds between two looks at whether somebody who is connected would still be let in. */
const REVIEW_MS = 2_000;

/** Calls `cut` once when whoever came in as the viewer would not be let in any more. Returns what stops looking. */
export function whenDismissed({ isStillGood }: Viewer, clock: Clock, cut: () => void): Cancel {
  if (isStillGood === undefined) return () => undefined;
  const stop = clock.every(REVIEW_MS, () => {
    if (isStillGood()) return;
    stop();
    cut();
  });
  return stop;
}
