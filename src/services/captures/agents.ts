import type { HubMessage } from '../../protocol/messages.js';

/** The way to agents: the hub's side of them. */
export interface AgentPort {
  /** `false` when the agent is not connected. */
  send(origin: string, message: HubMessage): boolean;
  /** Origins of agents that are connected. */
  connected(): readonly string[];
}

/** Nobody is connected. */
export const noAgents: AgentPort = { send: () => false, connected: () => [] };
