import { finite, integer, stamp } from './check.js';
import { MessageType } from './messageTypes.js';

/** Analyzer to agent, every ten seconds: the first of four clock stamps. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  /** Counts up within a session. */
  readonly number: number;
  /** The analyzer's clock, ms. */
  readonly sentAt: number;
}

/** The agent's answer, sent at once: stamps two and three. The fourth is taken when it arrives. */
export interface HeartbeatReply {
  readonly kind: 'heartbeatReply';
  readonly number: number;
  /** The agent's clock when HEARTBEAT came in and when this went out, ms. */
  readonly receivedAt: number;
  readonly sentAt: number;
}

/** The agent's clock was set: later stamps are `shiftMs` higher than they would have been. Sent before the first of them. */
export interface ClockStep {
  readonly kind: 'clockStep';
  readonly shiftMs: number;
}

export const packHeartbeat = (beat: Heartbeat): unknown[] => [MessageType.HEARTBEAT, beat.number, beat.sentAt];

export const readHeartbeat = ([, number, sentAt]: readonly unknown[]): Heartbeat => ({
  kind: 'heartbeat',
  number: integer(number, 'number'),
  sentAt: stamp(sentAt, 'sentAt'),
});

export const packHeartbeatReply = (reply: HeartbeatReply): unknown[] => [
  MessageType.HEARTBEAT_REPLY,
  reply.number,
  reply.receivedAt,
  reply.sentAt,
];

export const readHeartbeatReply = ([, number, receivedAt, sentAt]: readonly unknown[]): HeartbeatReply => ({
  kind: 'heartbeatReply',
  number: integer(number, 'number'),
  receivedAt: stamp(receivedAt, 'receivedAt'),
  sentAt: stamp(sentAt, 'sentAt'),
});

export const packClockStep = (step: ClockStep): unknown[] => [MessageType.CLOCK_STEP, step.shiftMs];

export const readClockStep = ([, shiftMs]: readonly unknown[]): ClockStep => ({ kind: 'clockStep', shiftMs: finite(shiftMs, 'shiftMs') });
