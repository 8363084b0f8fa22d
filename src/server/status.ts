import type { AgentStatus as HubAgent } from '../hub/agentStatus.js';
import type { Hub } from '../hub/hub.js';
import type { Recorder } from '../journal/recorder.js';
import type { AgentState, AgentStatus, JournalStatus, ProbeState } from '../services/status.js';

/** The hub's agents in the product's words. */
export const agentsOf = (hub: Hub): readonly AgentStatus[] => hub.agents().map(agentOf);

function agentOf(agent: HubAgent): AgentStatus {
  return {
    id: agent.origin,
    host: agent.host,
    version: agent.version,
    state: stateOf(agent),
    connectedAt: agent.connectedSince,
    lastSeenAt: agent.lastSeen,
    clockOffsetMs: agent.offsetMs,
    probes: agent.probes.map(({ name, state, reason }) => ({ name, state: PROBE_STATES[state], error: reason })),
    missingCapabilities: [...new Set(agent.probes.flatMap(({ missing }) => missing))],
  };
}

/** Away: its elements are still there and wait for it. */
const stateOf = ({ state, elements }: HubAgent): AgentState => (state !== 'LOST' ? 'CONNECTED' : elements > 0 ? 'AWAY' : 'LOST');

/** A degraded probe runs; its `error` says what it lacks. */
const PROBE_STATES: Readonly<Record<HubAgent['probes'][number]['state'], ProbeState>> = {
  STARTING: 'STARTING',
  RUNNING: 'RUNNING',
  DEGRADED: 'RUNNING',
  FAILED: 'FAILED',
  STOPPED: 'STOPPED',
};

/** How the journal fares. */
export function journalOf(recorder: Recorder): JournalStatus {
  const { lastSeq, tailChanges, tailBytes, journalBytes, error } = recorder.status();
  return { changes: lastSeq, tailChanges, tailBytes, bytes: journalBytes, error };
}
