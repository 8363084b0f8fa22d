import type { HubMessage } from '../../src/protocol/messages.js';
import type { AgentPort } from '../../src/services/captures/agents.js';

/** Stands at the edge of the process for the connections of agents: says who is there and keeps what was sent. */
export class RecordedAgents implements AgentPort {
  readonly sent: { readonly origin: string; readonly message: HubMessage }[] = [];
  readonly present = new Set<string>(['agent.test']);

  send(origin: string, message: HubMessage): boolean {
    if (!this.present.has(origin)) return false;
    this.sent.push({ origin, message });
    return true;
  }

  connected(): string[] {
    return [...this.present];
  }
}
