import type { AgentPort } from '../../services/captures/agents.js';
import type { Capture } from '../../services/captures/capture.js';
import { NOTHING_COUNTED, type CaptureActivity } from '../../protocol/capture.js';
import type { HubMessage } from '../../protocol/messages.js';
import { captureJson } from '../captureJson.js';
import type { CompatClient } from './client.js';
import type { Envelope } from './envelope.js';

/** Captures asked of old agents travel here. */
export const ON_DEMAND_CAPTURE = 'OnDemandCapture';

const OK = 200;

/** Told by an old agent: how a capture fares on a node. */
export type TellStates = (origin: string, activities: readonly CaptureActivity[]) => void;

/** Old agents as the rest of the product speaks to agents: tasks become their commands, and their replies states. */
export class OldAgents implements AgentPort {
  readonly #clients = new Map<string, CompatClient>();
  /** What a command was about, by its id, until it is answered. */
  readonly #asked = new Map<string, { readonly origin: string; readonly capture: string; readonly node: string }>();
  #commands = 0;

  constructor(private readonly tellStates: TellStates) {}

  add(origin: string, client: CompatClient): void {
    this.#clients.set(origin, client);
  }

  drop(origin: string): void {
    this.#clients.delete(origin);
    // Nobody answers any more; what is to run there is asked again when it comes back.
    for (const [uuid, asked] of this.#asked) if (asked.origin === origin) this.#asked.delete(uuid);
  }

  connected(): readonly string[] {
    return [...this.#clients.keys()];
  }

  send(origin: string, message: HubMessage): boolean {
    const client = this.#clients.get(origin);
    if (client === undefined) return false;
    // Injections and questions about flows they are not asked: as if they were not there.
    if (message.kind !== 'captureTasks') return false;
    const specs = new Map(message.captures.map((spec) => [spec.id, spec]));
    for (const { capture, node } of message.stop) this.#command(origin, client, 'Stop', node, capture, { UUID: capture });
    for (const { capture, node } of message.start) {
      const spec = specs.get(capture);
      if (spec === undefined) continue;
      const asked: Capture = {
        id: capture,
        name: '',
        description: '',
        nodes: undefined,
        gremlin: undefined,
        spec,
        createdAt: 0,
        expiresAt: undefined,
      };
      this.#command(origin, client, 'Start', node, capture, captureJson(asked, 0));
    }
    return true;
  }

  /** Takes a reply to one of the commands. */
  take(origin: string, { type, uuid, status }: Envelope): void {
    const asked = this.#asked.get(uuid);
    if (asked?.origin !== origin) return;
    this.#asked.delete(uuid);
    const { capture, node } = asked;
    const failed = status !== OK && status !== 0;
    const state = type === 'StopReply' ? 'STOPPED' : failed ? 'ERROR' : 'ACTIVE';
    const error = state === 'ERROR' ? `the agent answered with status ${status}` : undefined;
    // Old agents count in the metadata of their nodes.
    this.tellStates(origin, [{ capture, node, state, error, ...NOTHING_COUNTED }]);
  }

  #command(origin: string, client: CompatClient, type: 'Start' | 'Stop', node: string, capture: string, resource: object): void {
    const uuid = `${capture}-${++this.#commands}`;
    this.#asked.set(uuid, { origin, capture, node });
    client.send({ namespace: ON_DEMAND_CAPTURE, type, uuid, body: JSON.stringify({ NodeID: node, Resource: resource }) });
  }
}
