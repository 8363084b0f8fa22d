import type { Cancel, Clock } from '../../common/clock.js';
import type { Json, JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import type { Inject, InjectProgress, InjectionState } from '../../protocol/injection.js';
import { fieldOf } from '../elementJson.js';
import type { Envelope } from '../ws/envelope.js';

/** Injections asked of old agents travel here. */
export const ON_DEMAND_INJECTION = 'OnDemandPacketInjection';

/** Where an old agent writes on a node what it sends there; the entry goes when it has sent everything. */
export const INJECTIONS_KEY = 'PacketInjections';

/** Milliseconds beyond the time that sending takes, after which an injection that the agent never showed on its node counts as over. */
const UNSEEN_MS = 5_000;

/** Milliseconds that a timer can wait, about 24 days. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

const OK = 200;

export interface InjectionTaskParts {
  /** Sends a command; its id comes back with the reply. */
  readonly command: (namespace: string, type: 'Start' | 'Stop', node: string, resource: object) => string;
  readonly tellProgress: (progress: InjectProgress) => void;
  readonly clock: Clock;
}

interface Task {
  readonly id: string;
  readonly node: string;
  /** Packets that are to be sent; 0: as many as the file has. */
  readonly count: number;
  sent: number;
  isCancelled: boolean;
  /** It stood on its node. */
  isShown: boolean;
}

/** The injections of one old agent while it is connected: how they stand it writes on its nodes. */
export class OldInjectionTasks {
  readonly #tasks = new Map<string, Task>();
  readonly #asked = new Map<string, string>();
  readonly #waits = new Map<string, Cancel>();
  /** Those that were ended before the agent said anything of them. */
  readonly #cancelled = new Set<string>();

  constructor(private readonly parts: InjectionTaskParts) {}

  start(inject: Inject): void {
    const { id, node, count, intervalMs } = inject;
    this.#tasks.set(id, { id, node, count, sent: 0, isCancelled: false, isShown: false });
    this.#asked.set(this.parts.command(ON_DEMAND_INJECTION, 'Start', node, resourceOf(inject)), id);
    const cancel = this.parts.clock.after(Math.min(Math.max(1, count) * intervalMs + UNSEEN_MS, LONGEST_WAIT_MS), () =>
      this.#end(id, 'DONE'),
    );
    this.#waits.set(id, cancel);
  }

  cancel(id: string): void {
    const task = this.#tasks.get(id);
    // An agent that comes back has yet to say where it sends.
    if (task === undefined) return void this.#cancelled.add(id);
    task.isCancelled = true;
    this.#asked.set(this.parts.command(ON_DEMAND_INJECTION, 'Stop', task.node, { UUID: id }), id);
  }

  /** The agent says of a node what it sends there. */
  nodeSays(node: string, list: Json | undefined): void {
    const entries = (Array.isArray(list) ? (list as readonly Json[]) : []).filter(isJsonObject);
    const shown = new Set<string>();
    for (const entry of entries) {
      const id = String(fieldOf(entry, 'UUID') ?? fieldOf(entry, 'ID') ?? '');
      const task = this.#tasks.get(id) ?? { id, node, count: numberOf(entry, 'Count'), sent: 0, isCancelled: false, isShown: false };
      shown.add(id);
      task.sent = numberOf(entry, 'PacketCount');
      this.#tasks.set(id, task);
      // From now on its entry says when it ends.
      this.#waits.get(id)?.();
      task.isShown = true;
      this.#tell(task, 'ACTIVE');
      if (this.#cancelled.delete(id)) this.cancel(id);
    }
    for (const { id, node: where, isShown } of [...this.#tasks.values()])
      if (where === node && isShown && !shown.has(id)) this.#end(id, 'DONE');
  }

  /** Takes a reply to one of the commands; `false`: it is none. */
  take({ type, uuid, status, body }: Envelope): boolean {
    const id = this.#asked.get(uuid);
    if (id === undefined) return false;
    this.#asked.delete(uuid);
    const isGood = status === OK || status === 0;
    if (type === 'StopReply') this.#end(id, 'CANCELLED');
    else if (!isGood) {
      const said = 'json' in body && typeof body.json === 'string' ? `: ${body.json}` : '';
      this.#end(id, 'ERROR', `the agent answered with status ${status}${said}`);
    }
    return true;
  }

  close(): void {
    for (const cancel of this.#waits.values()) cancel();
  }

  #end(id: string, state: InjectionState, error?: string): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    this.#tasks.delete(id);
    this.#waits.get(id)?.();
    this.#waits.delete(id);
    const isCancelled = state === 'CANCELLED' || (state === 'DONE' && task.isCancelled);
    // Agents of 0.28 leave PacketCount at 0: who came to the end has sent everything.
    if (state === 'DONE' && !isCancelled) task.sent = Math.max(task.sent, task.count);
    this.#tell(task, isCancelled ? 'CANCELLED' : state, error);
  }

  #tell({ id, node, sent }: Task, state: InjectionState, error?: string): void {
    this.parts.tellProgress({ kind: 'injectProgress', id, node, state, sent, error });
  }
}

function numberOf(entry: JsonObject, key: string): number {
  const value = fieldOf(entry, key);
  return typeof value === 'number' ? value : 0;
}

/** The injection as the old interface has it, with what was found out for its fields. */
const resourceOf = (inject: Inject): object => ({
  UUID: inject.id,
  Src: `G.V('${inject.node}')`,
  Dst: '',
  SrcIP: inject.srcIp,
  DstIP: inject.dstIp,
  SrcMAC: inject.srcMac,
  DstMAC: inject.dstMac,
  SrcPort: inject.srcPort,
  DstPort: inject.dstPort,
  Type: inject.type,
  Payload: inject.payload,
  ICMPID: inject.icmpId,
  Count: inject.count,
  Interval: inject.intervalMs,
  Mode: inject.mode,
  IncrementPayload: inject.incrementPayload,
  StartTime: '0001-01-01T00:00:00Z',
  Pcap: inject.pcap === undefined ? null : Buffer.from(inject.pcap).toString('base64'),
  TTL: inject.ttl,
});
