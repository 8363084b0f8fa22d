import { fields as fieldsOf, finite, integer, list, name, oneOf, optional, text } from './check.js';
import { MAX_MISSING, MAX_PROBES, MAX_REASON_LENGTH } from './limits.js';
import { MessageType } from './messageTypes.js';
import { Violation } from './violation.js';

/** `DEGRADED`: runs, but something is missing (a capability, a folder). `FAILED`: does not watch; it is retried. */
export const PROBE_STATES = ['STARTING', 'RUNNING', 'DEGRADED', 'FAILED', 'STOPPED'] as const;
export type ProbeState = (typeof PROBE_STATES)[number];

/** How one probe of an agent fares. */
export interface ProbeStatus {
  readonly name: string;
  readonly state: ProbeState;
  /** Why it is degraded, failed or stopped, and what to do; what it says of its work while all is well, or `undefined`. */
  readonly reason: string | undefined;
  /** Capabilities that it would need: `SYS_ADMIN`. */
  readonly missing: readonly string[];
  /** What it heard from its source since the agent started. */
  readonly events: number;
  /** How often it was started again after a failure. */
  readonly restarts: number;
  /** Milliseconds for which it kept the agent's main thread busy since the agent started. */
  readonly busyMs: number;
  /** Share of the agent's main thread that it took over the last minute, percent. */
  readonly busyPercent: number;
  /** What it heard each second, over the last minute. */
  readonly eventsPerSecond: number;
}

/** Agent to analyzer, after WELCOME, whenever a state changes, and every half minute for the figures: all probes. */
export interface Status {
  readonly kind: 'status';
  readonly probes: readonly ProbeStatus[];
}

export const packStatus = (status: Status): unknown[] => [
  MessageType.STATUS,
  status.probes.map(({ name: probe, state, reason, missing, events, restarts, busyMs, busyPercent, eventsPerSecond }) => [
    probe,
    state,
    reason ?? null,
    missing,
    events,
    restarts,
    busyMs,
    busyPercent,
    eventsPerSecond,
  ]),
];

export function readStatus([, probes]: readonly unknown[]): Status {
  const names = new Set<string>();
  const read = list(probes, 'probes', MAX_PROBES).map((value, index) => {
    const field = `probes[${index}]`;
    const probe = readProbe(value, field);
    if (names.has(probe.name)) throw new Violation(`${field}.name`, 'this probe was already named');
    names.add(probe.name);
    return probe;
  });
  return { kind: 'status', probes: read };
}

function readProbe(value: unknown, field: string): ProbeStatus {
  const [probe, state, reason, missing, events, restarts, busyMs, busyPercent, eventsPerSecond] = fieldsOf(value, field, 9);
  return {
    name: name(probe, `${field}.name`),
    state: oneOf(state, `${field}.state`, PROBE_STATES),
    reason: optional(reason, (present) => text(present, `${field}.reason`, MAX_REASON_LENGTH)),
    missing: list(missing, `${field}.missing`, MAX_MISSING).map((capability, index) => name(capability, `${field}.missing[${index}]`)),
    events: integer(events, `${field}.events`),
    restarts: integer(restarts, `${field}.restarts`),
    busyMs: finite(busyMs, `${field}.busyMs`, 0),
    busyPercent: finite(busyPercent, `${field}.busyPercent`, 0),
    eventsPerSecond: finite(eventsPerSecond, `${field}.eventsPerSecond`, 0),
  };
}
