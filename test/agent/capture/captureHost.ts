import { Captures } from '../../../agent/capture/captures.js';
import type { FlowBatch } from '../../../agent/link/flowQueue.js';
import { prepareNamespaces } from '../../../agent/linux/namespace.js';
import { Namespaces } from '../../../agent/probes/kit/namespaces.js';
import { systemClock } from '../../../src/common/clock.js';
import type { AgentConfig } from '../../../src/common/config/config.js';
import { silentLog } from '../../../src/common/log.js';
import { readFlowBatch } from '../../../src/flow/batch/flowBatch.js';
import type { Flow } from '../../../src/flow/flow.js';
import { LiveGraph } from '../../../src/graph/liveGraph.js';
import type { Abilities, CaptureActivity, CaptureSpec } from '../../../src/protocol/capture.js';
import { eventually, Lab } from '../lab.js';
import { node, owns } from './ownership.js';
import { captureSpec, sendFrames } from './pump.js';

export const NODE = 'node-right';
const HOST = 'node-host';

/** The captures of a host with one watched namespace: `capr` in it is the other end of `capl`, on which the kernel says nothing by itself. */
export class CaptureHost {
  readonly lab = new Lab();
  readonly shipped: FlowBatch[] = [];
  readonly heard: CaptureActivity[] = [];
  readonly refreshed: number[] = [];
  /** What was told of the host since it was opened. */
  readonly able: Abilities[] = [];
  readonly namespaces = new Namespaces({ key: 'own', path: '/proc/thread-self/ns/net', name: undefined, root: HOST, isOwn: true });
  captures!: Captures;
  private readonly graph = new LiveGraph({ now: () => Date.now() });

  static async open(agent: Partial<AgentConfig> = {}): Promise<CaptureHost> {
    await prepareNamespaces();
    const host = new CaptureHost();
    for (const name of ['left', 'right']) host.lab.addNamespace(name);
    await host.addLinks();
    host.addNodes();
    host.namespaces.put({ key: 'right', path: host.lab.path('right'), name: 'right', root: 'ns-right', isOwn: false });
    await host.restart(undefined, agent);
    return host;
  }

  private addNodes(): void {
    this.graph.apply({
      origin: 'agent.test',
      deltas: [
        node(HOST, { Name: 'test', Type: 'host', TID: 'tid-host' }),
        node('ns-right', { Name: 'right', Type: 'netns', TID: 'tid-right' }),
        node(NODE, { Name: 'capr', Type: 'veth', TID: 'tid-capr' }),
        owns(HOST, 'ns-right'),
        owns('ns-right', NODE),
      ],
    });
  }

  /** Resolves when frames can be sent. */
  async addLinks(): Promise<void> {
    await this.lab.addQuietPair('capl', 'capr');
  }

  /** Has other captures, configured otherwise. */
  async restart(analyzer = 'http://127.0.0.1:1', agent: Partial<AgentConfig> = {}, etcd: readonly string[] = []): Promise<void> {
    await (this.captures as Captures | undefined)?.close();
    this.captures = await Captures.open({
      config: this.lab.settings(agent).agent,
      analyzer,
      etcd,
      view: () => this.graph.view(),
      namespaces: this.namespaces,
      clock: systemClock,
      log: silentLog,
      changed: (activities) => void this.heard.push(...activities),
      able: (abilities) => void this.able.push(abilities),
      ship: (batch) => void this.shipped.push(batch),
      refreshed: (request) => void this.refreshed.push(request),
      measure: () => undefined,
    });
  }

  start(spec: Partial<CaptureSpec> = {}, node = NODE): void {
    this.captures.apply({
      kind: 'captureTasks',
      isWhole: false,
      captures: [captureSpec(spec)],
      start: [{ capture: spec.id ?? 'capture-1', node }],
      stop: [],
    });
  }

  stop(capture = 'capture-1', node = NODE): void {
    this.captures.apply({ kind: 'captureTasks', isWhole: false, captures: [], start: [], stop: [{ capture, node }] });
  }

  /** What was said last of a capture, when it says what is waited for. */
  hears(isSaid: (activity: CaptureActivity) => boolean, capture = 'capture-1'): Promise<CaptureActivity> {
    return eventually(() => this.heard.findLast((activity) => activity.capture === capture), isSaid) as Promise<CaptureActivity>;
  }

  inState(state: CaptureActivity['state'], capture?: string): Promise<CaptureActivity> {
    return this.hears((activity) => activity.state === state, capture);
  }

  /** Everything that was shipped of this kind, in order. */
  updates(kind: FlowBatch['batchKind'] = 'UPDATE') {
    return this.shipped
      .filter(({ batchKind }) => batchKind === kind)
      .flatMap(({ batch }) => {
        const read = readFlowBatch(batch);
        return Array.from({ length: read.length }, (_, row) => read.update(row));
      });
  }

  flows(kind?: FlowBatch['batchKind']): Flow[] {
    return this.updates(kind).map(({ flow }) => flow);
  }

  send(frames: readonly Buffer[]): void {
    sendFrames(this.lab.path('left'), 'capl', frames);
  }

  async close(): Promise<void> {
    await this.captures.close();
    await this.lab.close();
  }
}
