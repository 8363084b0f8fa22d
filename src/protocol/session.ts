import { integer, list, name, optional, stamp, text } from './check.js';
import { MAX_REASON_LENGTH } from './limits.js';
import { MessageType } from './messageTypes.js';
import { Violation } from './violation.js';

/** WebSocket sub-protocol: how messages are framed and what the first ones look like. */
export const SUB_PROTOCOL = 'canopy-agent.v1';

/** Path of the WebSocket on the analyzer. */
export const AGENT_PATH = '/agent';

/** Revisions of the messages behind the greeting that this program speaks, lowest and highest. */
export const VERSIONS: readonly [lowest: number, highest: number] = [1, 1];

/** First message of an agent. */
export interface Hello {
  readonly kind: 'hello';
  /** Lowest and highest revision that the agent speaks. */
  readonly versions: readonly [lowest: number, highest: number];
  /** Version of the agent's program, for people. */
  readonly software: string;
  readonly host: string;
  /** `<service>.<host>`. */
  readonly origin: string;
  /** Names one unbroken numbering of deltas; another one begins when the agent's graph begins anew. */
  readonly incarnation: string;
  /** First and last delta that the agent still keeps; `oldest` is `newest + 1` when it keeps none. `newest` 0: none was made. */
  readonly oldest: number;
  readonly newest: number;
  /** Since when (agent's clock, ms) deltas were dropped unacknowledged; `undefined` when none were. */
  readonly dirtySince: number | undefined;
  /** The agent's clock when it sent this, ms: a first guess of its offset. */
  readonly sentAt: number;
}

/** Why the analyzer needs the whole picture; `null` in WELCOME when it does not. */
export const PICTURE_REASONS = ['NEW_ORIGIN', 'NEW_INCARNATION', 'NOT_KEPT', 'AHEAD', 'DIRTY', 'CLOSED', 'GAP', 'RECOVERY'] as const;
export type PictureReason = (typeof PICTURE_REASONS)[number];

/** Answer to a good HELLO. */
export interface Welcome {
  readonly kind: 'welcome';
  readonly version: number;
  readonly software: string;
  /** Deltas after this number are wanted; `undefined` when a picture is wanted instead. */
  readonly resumeAfter: number | undefined;
  readonly pictureReason: PictureReason | undefined;
  /** Bytes of data messages that the agent may have under way. */
  readonly credit: number;
  /** How often the analyzer sends HEARTBEAT; an agent that hears nothing for two and a half periods hangs up. */
  readonly heartbeatMs: number;
}

export const packHello = (hello: Hello): unknown[] => [
  MessageType.HELLO,
  hello.versions,
  hello.software,
  hello.host,
  hello.origin,
  hello.incarnation,
  hello.oldest,
  hello.newest,
  hello.dirtySince ?? null,
  hello.sentAt,
];

export function readHello(fields: readonly unknown[]): Hello {
  const [, versions, software, host, origin, incarnation, oldest, newest, dirtySince, sentAt] = fields;
  const newestNumber = integer(newest, 'newest');
  const hostName = name(host, 'host');
  return {
    kind: 'hello',
    versions: readVersions(versions),
    software: text(software, 'software', MAX_REASON_LENGTH),
    host: hostName,
    origin: readOrigin(origin, hostName),
    incarnation: name(incarnation, 'incarnation'),
    oldest: integer(oldest, 'oldest', 1, newestNumber + 1),
    newest: newestNumber,
    dirtySince: optional(dirtySince, (value) => stamp(value, 'dirtySince')),
    sentAt: stamp(sentAt, 'sentAt'),
  };
}

function readVersions(value: unknown): readonly [number, number] {
  const versions = list(value, 'versions', 2);
  const lowest = integer(versions[0], 'versions[0]', 1);
  return [lowest, integer(versions[1], 'versions[1]', lowest)];
}

/** The host is what follows the first dot. */
function readOrigin(value: unknown, host: string): string {
  const origin = name(value, 'origin');
  const dot = origin.indexOf('.');
  if (dot > 0 && origin.slice(dot + 1) === host) return origin;
  throw new Violation('origin', 'expected <service>.<host> with the same host and a service without dots');
}

export const packWelcome = (welcome: Welcome): unknown[] => [
  MessageType.WELCOME,
  welcome.version,
  welcome.software,
  welcome.resumeAfter ?? null,
  welcome.pictureReason ?? null,
  welcome.credit,
  welcome.heartbeatMs,
];

export function readWelcome(fields: readonly unknown[]): Welcome {
  const [, version, software, resumeAfter, pictureReason, credit, heartbeatMs] = fields;
  return {
    kind: 'welcome',
    version: integer(version, 'version', 1),
    software: text(software, 'software', MAX_REASON_LENGTH),
    resumeAfter: optional(resumeAfter, (value) => integer(value, 'resumeAfter')),
    pictureReason: optional(pictureReason, (value) => readPictureReason(value, 'pictureReason')),
    credit: integer(credit, 'credit'),
    heartbeatMs: integer(heartbeatMs, 'heartbeatMs', 1),
  };
}

/** A reason that this program does not know is still a reason. */
export function readPictureReason(value: unknown, field: string): PictureReason {
  const reason = name(value, field);
  return PICTURE_REASONS.find((known) => known === reason) ?? 'RECOVERY';
}
