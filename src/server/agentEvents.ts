import type { AgentEvents } from '../hub/agentEvents.js';
import type { Services } from '../services/services.js';

/** Gives what agents say beside their graph to the services. */
export const agentEvents = ({ captures, flows, injections }: Services): AgentEvents => ({
  connected: (origin) => {
    flows.live.connected(origin);
    captures.connected(origin);
    injections.connected(origin);
  },
  disconnected: (origin) => {
    captures.disconnected(origin);
    injections.disconnected(origin);
    flows.live.disconnected(origin);
  },
  captureStates: (origin, activities) => captures.captureStates(origin, activities),
  abilities: (origin, abilities) => captures.abilities(origin, abilities),
  injectProgress: (_origin, progress) => injections.progress(progress),
  flows: (origin, batch, clockOffset) => flows.take(origin, batch, clockOffset),
  flowsRefreshed: (origin, request) => flows.live.refreshed(origin, request),
});
