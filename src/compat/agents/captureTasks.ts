import type { Cancel, Clock } from '../../common/clock.js';
import type { Json, JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { NOTHING_COUNTED, type CaptureActivity, type CaptureSpec, type CaptureTasks } from '../../protocol/capture.js';
import type { Capture } from '../../services/captures/capture.js';
import { captureJson } from '../captureJson.js';
import { fieldOf } from '../elementJson.js';
import type { TableStats } from '../flows/stats.js';
import type { Envelope } from '../ws/envelope.js';

/** Captures asked of old agents travel here. */
export const ON_DEMAND_CAPTURE = 'OnDemandCapture';

/** Where an old agent writes on a node which captures run there. */
export const CAPTURES_KEY = 'Captures';

/** A start that failed is tried again after so long, ms: the node may not have been ready. */
const AGAIN_MS = 10_000;

/** A capture that nobody asked for any more is ended after so long, ms: who asks for it may only be about to. */
const STRAY_MS = 3_000;

const OK = 200;

/** One capture on one node. */
interface Task {
  readonly capture: string;
  readonly node: string;
}

export interface CaptureTaskParts {
  /** Sends a command; its id comes back with the reply. */
  readonly command: (namespace: string, type: 'Start' | 'Stop', node: string, resource: object) => string;
  readonly tellStates: (activities: readonly CaptureActivity[]) => void;
  readonly clock: Clock;
}

/**
 * The captures of one old agent while it is connected. It keeps its own through a lost connection and writes on its nodes which run, so
 * that nothing is started twice, and what was given up meanwhile is ended.
 */
export class OldCaptureTasks {
  /** What is to run, by node and capture. */
  readonly #wanted = new Map<string, Map<string, CaptureSpec>>();
  /** What the agent says that runs, by node; a node that it has not told of yet is not in it. */
  readonly #running = new Map<string, ReadonlyMap<string, JsonObject>>();
  readonly #asked = new Map<string, Task>();
  readonly #counted = new Map<string, TableStats>();
  readonly #waits = new Set<Cancel>();

  constructor(private readonly parts: CaptureTaskParts) {}

  order({ isWhole, captures, start, stop }: CaptureTasks): void {
    const specs = new Map(captures.map((spec) => [spec.id, spec]));
    if (isWhole) this.#wanted.clear();
    for (const task of stop) {
      this.#wanted.get(task.node)?.delete(task.capture);
      this.#stop(task);
    }
    for (const task of start) {
      const spec = specs.get(task.capture);
      if (spec === undefined) continue;
      const onNode = this.#wanted.get(task.node) ?? new Map<string, CaptureSpec>();
      this.#wanted.set(task.node, onNode.set(task.capture, spec));
      const running = this.#running.get(task.node);
      // Told when the node is there: an agent that comes back names its nodes anew.
      if (running !== undefined) this.#begin(task, spec, running);
    }
  }

  /** The agent says of a node which captures run there. */
  nodeSays(node: string, list: Json | undefined): void {
    const entries = Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : [];
    const running = new Map(entries.map((entry) => [String(fieldOf(entry, 'ID') ?? ''), entry]));
    const before = this.#running.get(node);
    this.#running.set(node, running);
    const wanted = this.#wanted.get(node);
    for (const [capture, spec] of wanted ?? []) {
      if (before === undefined || running.has(capture)) this.#begin({ capture, node }, spec, running);
      else if (before.has(capture)) this.#fail({ capture, node }, 'the agent ended it');
    }
    if ([...running.keys()].some((capture) => wanted?.has(capture) !== true)) this.#later(STRAY_MS, () => this.#endStrays(node));
  }

  nodeGone(node: string): void {
    this.#running.delete(node);
  }

  /** Takes a reply to one of the commands; `false`: it is none. */
  take({ type, uuid, status, body }: Envelope): boolean {
    const task = this.#asked.get(uuid);
    if (task === undefined) return false;
    this.#asked.delete(uuid);
    if (type === 'StopReply') {
      this.#tell(task, 'STOPPED');
      return true;
    }
    if (status === OK || status === 0) this.#tell(task, 'ACTIVE');
    else
      this.#fail(
        task,
        `the agent answered with status ${status}${'json' in body && typeof body.json === 'string' ? `: ${body.json}` : ''}`,
      );
    return true;
  }

  /**
   * What one table counted. It does not say on which node: of a capture on several nodes of one agent the first shows the counts of all.
   */
  count(stats: TableStats): void {
    const node = this.#firstOf(stats.captureId);
    if (node === undefined) return;
    const before = this.#counted.get(stats.captureId);
    // It begins anew after each message, all but the flows that it has.
    this.#counted.set(stats.captureId, {
      captureId: stats.captureId,
      flowCount: stats.flowCount,
      flowDropped: stats.flowDropped + (before?.flowDropped ?? 0),
      kernelFlowDropped: stats.kernelFlowDropped + (before?.kernelFlowDropped ?? 0),
      packetsDropped: stats.packetsDropped + (before?.packetsDropped ?? 0),
      packetsReceived: stats.packetsReceived + (before?.packetsReceived ?? 0),
    });
    this.#tell({ capture: stats.captureId, node }, 'ACTIVE');
  }

  close(): void {
    for (const cancel of this.#waits) cancel();
    this.#waits.clear();
  }

  #begin(task: Task, spec: CaptureSpec, running: ReadonlyMap<string, JsonObject>): void {
    const entry = running.get(task.capture);
    if (entry !== undefined)
      return fieldOf(entry, 'State') === 'error' ? this.#tell(task, 'ERROR', textOf(entry, 'Error')) : this.#tell(task, 'ACTIVE');
    if ([...this.#asked.values()].some(({ capture, node }) => capture === task.capture && node === task.node)) return;
    this.#asked.set(this.parts.command(ON_DEMAND_CAPTURE, 'Start', task.node, resourceOf(spec)), task);
  }

  #stop(task: Task): void {
    this.#asked.set(this.parts.command(ON_DEMAND_CAPTURE, 'Stop', task.node, { UUID: task.capture }), task);
  }

  #fail(task: Task, error: string): void {
    this.#tell(task, 'ERROR', error);
    this.#later(AGAIN_MS, () => {
      const spec = this.#wanted.get(task.node)?.get(task.capture);
      const running = this.#running.get(task.node);
      if (spec !== undefined && running !== undefined) this.#begin(task, spec, running);
    });
  }

  #endStrays(node: string): void {
    const wanted = this.#wanted.get(node);
    for (const capture of this.#running.get(node)?.keys() ?? []) if (wanted?.has(capture) !== true) this.#stop({ capture, node });
  }

  #tell(task: Task, state: CaptureActivity['state'], error?: string): void {
    const entry = this.#running.get(task.node)?.get(task.capture) ?? {};
    const number = (key: string): number => {
      const value = fieldOf(entry, key);
      return typeof value === 'number' ? value : 0;
    };
    const counted = this.#firstOf(task.capture) === task.node ? this.#counted.get(task.capture) : undefined;
    this.parts.tellStates([
      {
        ...NOTHING_COUNTED,
        ...task,
        state,
        error: state === 'ERROR' ? (error ?? 'the agent says no reason') : undefined,
        // Agents of 0.28 leave PacketsReceived at 0, and count right in their statistics.
        packetsReceived: Math.max(number('PacketsReceived'), counted?.packetsReceived ?? 0),
        packetsDropped: Math.max(number('PacketsDropped'), counted?.packetsDropped ?? 0),
        packetsIfDropped: number('PacketsIfDropped'),
        flows: counted?.flowCount ?? 0,
        drops: counted === undefined ? {} : { flowTableFull: counted.flowDropped, kernelTableFull: counted.kernelFlowDropped },
        pcapSocket: textOf(entry, 'PCAPSocket'),
        sflowSocket: textOf(entry, 'SFlowSocket'),
        mirrorOf: textOf(entry, 'MirrorOf'),
      },
    ]);
  }

  #firstOf(capture: string): string | undefined {
    for (const [node, captures] of this.#wanted) if (captures.has(capture)) return node;
    return undefined;
  }

  #later(ms: number, then: () => void): void {
    const cancel = this.parts.clock.after(ms, () => {
      this.#waits.delete(cancel);
      then();
    });
    this.#waits.add(cancel);
  }
}

function textOf(entry: JsonObject, key: string): string | undefined {
  const value = fieldOf(entry, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The capture as the old interface has it; who asked for it and when is none of an agent's business. */
function resourceOf(spec: CaptureSpec): object {
  const capture: Capture = {
    id: spec.id,
    name: '',
    description: '',
    nodes: undefined,
    gremlin: undefined,
    spec,
    createdAt: 0,
    expiresAt: undefined,
  };
  return captureJson(capture, 0);
}
