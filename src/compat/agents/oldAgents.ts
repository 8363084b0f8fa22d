import type { Clock } from '../../common/clock.js';
import type { Json, JsonObject } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { CAPTURE_TYPES, type Abilities } from '../../protocol/capture.js';
import type { HubMessage } from '../../protocol/messages.js';
import type { AgentPort } from '../../services/captures/agents.js';
import type { Services } from '../../services/services.js';
import { everybody } from '../../services/viewer.js';
import type { AgentStatus } from '../../services/status.js';
import { fieldOf } from '../elementJson.js';
import { EVERY_FLOW_QUERY, nodeTidIn } from '../flows/messages.js';
import type { CompatClient } from '../ws/client.js';
import type { Envelope } from '../ws/envelope.js';
import { CAPTURES_KEY, OldCaptureTasks } from './captureTasks.js';
import { OldFlows } from './flowTables.js';
import { INJECTIONS_KEY, OldInjectionTasks } from './injectionTasks.js';

/** Questions about flows and their answers travel here. */
const FLOW = 'Flow';

export interface OldAgentParts {
  /** Where what they say goes. They are made after this, since they ask agents. */
  readonly services: () => Pick<Services, 'captures' | 'injections' | 'flows' | 'openScope'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What an agent of Skydive can do: all kinds of capture that it has, on nodes of the right type. */
export const OLD_ABILITIES: Abilities = {
  kind: 'abilities',
  allowsCapture: true,
  allowsInjection: true,
  captures: CAPTURE_TYPES.map((type) => ({
    type,
    impossible: type === 'netflow' ? 'agents of Skydive do not collect NetFlow' : undefined,
  })),
  ringBytes: 0,
  ringBytesUsed: 0,
};

/** One old agent while it is connected. */
interface Connected {
  readonly client: CompatClient;
  readonly captures: OldCaptureTasks;
  readonly injections: OldInjectionTasks;
  /** Questions for flows that are not answered yet, by their ids. */
  readonly questions: Map<string, number>;
}

/** Old agents as the rest of the product speaks to agents: tasks become their commands, and what they say becomes states, progress and flows. */
export class OldAgents implements AgentPort {
  readonly #agents = new Map<string, Connected>();
  readonly #flows: OldFlows;
  #commands = 0;

  constructor(private readonly parts: OldAgentParts) {
    this.#flows = new OldFlows(parts);
  }

  add(origin: string, client: CompatClient): void {
    const { services, clock } = this.parts;
    const command = (namespace: string, type: 'Start' | 'Stop', node: string, resource: object): string => {
      const uuid = this.#newId();
      client.send({ namespace, type, uuid, body: JSON.stringify({ NodeID: node, Resource: resource }) });
      return uuid;
    };
    this.#agents.set(origin, {
      client,
      captures: new OldCaptureTasks({ command, tellStates: (activities) => services().captures.captureStates(origin, activities), clock }),
      injections: new OldInjectionTasks({ command, tellProgress: (progress) => services().injections.progress(progress), clock }),
      questions: new Map(),
    });
  }

  drop(origin: string): void {
    const agent = this.#agents.get(origin);
    agent?.captures.close();
    agent?.injections.close();
    this.#agents.delete(origin);
  }

  close(): void {
    this.#flows.close();
  }

  /** Flows that wait to be understood. */
  get flowsHeld(): number {
    return this.#flows.held;
  }

  connected(): readonly string[] {
    return [...this.#agents.keys()];
  }

  /** Those that are connected, as ours are shown. */
  status(): readonly AgentStatus[] {
    return Array.from(this.#agents, ([origin, { client }]): AgentStatus => {
      const counts = this.#flows.countsOf(origin);
      return {
        id: origin,
        host: client.greeting.hostId,
        version: undefined,
        address: client.address.host,
        state: 'CONNECTED',
        connectedAt: client.connectedAt,
        lastSeenAt: client.lastSeenAt,
        clockOffsetMs: undefined,
        probes: [],
        flows: {
          received: counts?.flows ?? 0,
          notStored: counts?.notStored ?? 0,
          lost: counts === undefined || counts.refused === 0 ? [] : [{ reason: 'not understood', count: counts.refused }],
          unread: Array.from(counts?.unread ?? [], ([part, count]) => ({ part, count })),
        },
        missingCapabilities: [],
      };
    });
  }

  send(origin: string, message: HubMessage): boolean {
    const agent = this.#agents.get(origin);
    if (agent === undefined) return false;
    switch (message.kind) {
      case 'captureTasks':
        agent.captures.order(message);
        return true;
      case 'inject':
        agent.injections.start(message);
        return true;
      case 'injectCancel':
        agent.injections.cancel(message.id);
        return true;
      case 'flowsRefresh': {
        const uuid = this.#newId();
        agent.questions.set(uuid, message.request);
        // Agents of 0.28 read protobuf here; who speaks JSON gets the same in JSON.
        agent.client.send({
          namespace: FLOW,
          type: 'TableQuery',
          uuid,
          body: '{"Type":"SearchQuery","Query":{}}',
          bytes: EVERY_FLOW_QUERY,
        });
        return true;
      }
      default:
        // The rest belongs to sessions of our own agents.
        return false;
    }
  }

  /** Takes what is not about the graph; `false`: it is for nobody here. */
  take(origin: string, message: Envelope): boolean {
    const agent = this.#agents.get(origin);
    if (agent === undefined) return false;
    const request = agent.questions.get(message.uuid);
    if (request === undefined) return agent.captures.take(message) || agent.injections.take(message);
    agent.questions.delete(message.uuid);
    this.#flows.answer(origin, message.body);
    this.parts.services().flows.live.refreshed(origin, request);
    return true;
  }

  /** Takes a message of flows, pushed over a WebSocket. */
  takeFlows(origin: string, bytes: Uint8Array): void {
    for (const stats of this.#flows.push(origin, bytes)) this.#agents.get(origin)?.captures.count(stats);
  }

  /** Takes a message of flows that came as a datagram. `false`: no agent is connected from there, and who else could it be. */
  takeDatagram(address: string, bytes: Uint8Array): boolean {
    const origins = [...this.#agents].filter(([, { client }]) => client.address.host === address).map(([origin]) => origin);
    const [first, ...others] = origins;
    if (first === undefined) return false;
    this.takeFlows(others.length === 0 ? first : (this.#senderOf(bytes, origins) ?? first), bytes);
    return true;
  }

  /** Several agents send from one address: whose node the flow was captured on. */
  #senderOf(bytes: Uint8Array, origins: readonly string[]): string | undefined {
    const tid = nodeTidIn(bytes);
    if (tid === undefined) return undefined;
    const scope = this.parts.services().openScope(everybody);
    try {
      for (const { origin } of scope.present().graph.nodesBy('TID', tid)) if (origins.includes(origin)) return origin;
      return undefined;
    } finally {
      scope.release();
    }
  }

  /** Looks at what an agent says of its graph for what it says there of captures and injections. */
  observe(origin: string, { type, body }: Envelope): void {
    const agent = this.#agents.get(origin);
    const json: Json = 'json' in body ? body.json : null;
    if (agent === undefined || !isJsonObject(json)) return;
    switch (type) {
      case 'Sync': {
        const nodes = fieldOf(json, 'Nodes');
        if (Array.isArray(nodes)) for (const node of nodes as readonly Json[]) if (isJsonObject(node)) whole(agent, node);
        return;
      }
      case 'NodeAdded':
      case 'NodeUpdated':
        return whole(agent, json);
      case 'NodePartiallyUpdated':
        return partial(agent, json);
      case 'NodeDeleted':
        return agent.captures.nodeGone(String(fieldOf(json, 'ID')));
    }
  }

  #newId(): string {
    this.#commands += 1;
    return `canopy-${this.parts.clock.now().toString(36)}-${this.#commands}`;
  }
}

function whole({ captures, injections }: Connected, node: JsonObject): void {
  const [id, metadata] = [fieldOf(node, 'ID'), fieldOf(node, 'Metadata')];
  if (typeof id !== 'string') return;
  const of = (key: string): Json | undefined => (isJsonObject(metadata) ? metadata[key] : undefined);
  captures.nodeSays(id, of(CAPTURES_KEY));
  injections.nodeSays(id, of(INJECTIONS_KEY));
}

function partial({ captures, injections }: Connected, update: JsonObject): void {
  const [id, operations] = [fieldOf(update, 'ID'), fieldOf(update, 'Ops')];
  if (typeof id !== 'string' || !Array.isArray(operations)) return;
  for (const operation of (operations as readonly Json[]).filter(isJsonObject)) {
    const [key, value] = [fieldOf(operation, 'Key'), fieldOf(operation, 'Value')];
    if (key === CAPTURES_KEY) captures.nodeSays(id, value);
    else if (key === INJECTIONS_KEY) injections.nodeSays(id, value);
  }
}
