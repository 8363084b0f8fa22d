import { readdirSync } from 'node:fs';
import type { GraphStats } from '../../src/graph/liveGraph.js';
import type { ProbeStatus } from '../../src/protocol/status.js';
import type { LinkStatus } from '../link/linkStatus.js';

/** Everything that an agent says of itself. Instants in milliseconds of its clock. */
export interface AgentReport {
  readonly hostId: string;
  readonly origin: string;
  readonly version: string;
  readonly startedAt: number;
  readonly now: number;
  readonly probes: readonly ProbeStatus[];
  readonly link: LinkStatus;
  readonly graph: GraphStats;
  /** Network namespaces that are watched, the agent's own among them; absent where this is no Linux. */
  readonly namespaces: number | undefined;
  readonly residentBytes: number;
  /** Descriptors that are open; absent where there is no /proc. */
  readonly descriptors: number | undefined;
}

/** What does not work, one line each. An analyzer that is away is none: the agent goes on and hands everything over later. */
export const problemsOf = ({ probes }: AgentReport): string[] =>
  probes.filter(({ state }) => state === 'FAILED').map(({ name, reason }) => `the probe ${name} failed: ${reason ?? 'no reason given'}`);

/** Descriptors of this process that are open now. */
export function openDescriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
