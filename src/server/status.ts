import type { AgentStatus as HubAgent } from '../hub/agentStatus.js';
import type { Hub } from '../hub/hub.js';
import type { Recorder } from '../journal/recorder.js';
import type { AgentState, AgentStatus, JournalStatus, ProbeStatus } from '../services/status.js';

/** The hub's agents in the product's words. */
export const agentsOf = (hub: Hub): readonly AgentStatus[] => hub.agents().map(agentOf);

function agentOf(agent: HubAgent): AgentStatus {
  const probes = agent.probes.map(probeOf);
  return {
    id: agent.origin,
    host: agent.host,
    version: agent.version,
    address: agent.remoteAddress,
    state: stateOf(agent),
    connectedAt: agent.connectedSince,
    lastSeenAt: agent.lastSeen,
    clockOffsetMs: agent.offsetMs,
    probes,
    flows: {
      received: agent.flows.received,
      notStored: agent.flows.notStored,
      lost: [...agent.flows.lost].map(([reason, count]) => ({ reason, count })),
      unread: [],
    },
    missingCapabilities: [...new Set(probes.flatMap(({ missingCapabilities }) => missingCapabilities))],
  };
}

function probeOf({
  name,
  state,
  reason,
  missing,
  events,
  restarts,
  busyPercent,
  eventsPerSecond,
}: HubAgent['probes'][number]): ProbeStatus {
  const missingCapabilities = missing.map((capability) => `CAP_${capability}`);
  return { name, state, reason, missingCapabilities, events, restarts, busyPercent, eventsPerSecond };
}

/** Away: its elements are still there and wait for it. */
const stateOf = ({ state, elements }: HubAgent): AgentState => (state !== 'LOST' ? 'CONNECTED' : elements > 0 ? 'AWAY' : 'LOST');

/** How the journal fares. */
export function journalOf(recorder: Recorder): JournalStatus {
  const { lastSeq, tailChanges, tailBytes, journalBytes, error } = recorder.status();
  return { changes: lastSeq, tailChanges, tailBytes, bytes: journalBytes, error };
}
