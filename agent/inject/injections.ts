import type { Worker } from 'node:worker_threads';
import { CanopyError } from '../../src/common/errors.js';
import { startWorker } from '../../src/common/worker.js';
import type { GraphView } from '../../src/graph/view.js';
import type { Inject, InjectProgress } from '../../src/protocol/injection.js';
import { locate } from '../capture/place.js';
import type { Namespaces } from '../probes/kit/namespaces.js';
import type { InjectCommand, InjectNews } from './messages.js';

export interface InjectionsOptions {
  /** Why packets may not be sent from this host; `undefined` where they may. */
  readonly forbidden: () => string | undefined;
  /** The agent's graph as it is now. */
  readonly view: () => GraphView;
  readonly namespaces: Namespaces;
  /** Hears how injections stand: at the start, each second, and at the end. */
  readonly progress: (progress: InjectProgress) => void;
}

/** Injections that run at once on a host. */
const MOST = 64;

/** Sends packets that the analyzer asks for, from nodes of this host, in a thread of their own. */
export class Injections {
  private worker: Worker | undefined;
  /** The node of each that runs, by id. */
  private readonly nodes = new Map<string, string>();

  constructor(private readonly options: InjectionsOptions) {}

  /** Begins; what is wrong with it is told as its progress. */
  start(inject: Inject): void {
    const { id, node } = inject;
    try {
      const forbidden = this.options.forbidden();
      if (forbidden !== undefined) throw new CanopyError('FORBIDDEN', forbidden);
      if (this.nodes.size >= MOST) throw new CanopyError('LIMIT_EXCEEDED', `${MOST} injections run on this host, no more are allowed`);
      const view = this.options.view();
      try {
        const { place } = locate(view, this.options.namespaces, node);
        this.nodes.set(id, node);
        this.command({ op: 'start', inject, interfaceName: place.interfaceName, namespacePath: place.namespacePath });
      } finally {
        view.release();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.options.progress({ kind: 'injectProgress', id, node, state: 'ERROR', sent: 0, error: reason });
    }
  }

  /** Says how each stands: to an analyzer that may not know. */
  report(): void {
    if (this.nodes.size > 0) this.command({ op: 'report' });
  }

  /** No further packet of it; nothing happens where it does not run. */
  cancel(id: string): void {
    if (this.nodes.has(id)) this.command({ op: 'cancel', id });
  }

  async close(): Promise<void> {
    const { worker } = this;
    if (worker === undefined) return;
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    this.command({ op: 'end' });
    await gone;
  }

  private command(command: InjectCommand): void {
    this.worker ??= this.startThread();
    this.worker.postMessage(command);
  }

  private startThread(): Worker {
    const worker = startWorker('./injectWorker', import.meta.url);
    worker.unref();
    let reason = 'it left by itself';
    worker.on('error', (error) => (reason = error.message));
    worker.on('message', (news: InjectNews) => this.hear(news));
    worker.once('exit', () => {
      this.worker = undefined;
      for (const id of [...this.nodes.keys()])
        this.hear({ id, state: 'ERROR', sent: 0, error: `the thread of injections ended: ${reason}` });
    });
    return worker;
  }

  private hear({ id, state, sent, error }: InjectNews): void {
    const node = this.nodes.get(id);
    if (node === undefined) return;
    if (state !== 'ACTIVE') this.nodes.delete(id);
    this.options.progress({ kind: 'injectProgress', id, node, state, sent, error });
  }
}
