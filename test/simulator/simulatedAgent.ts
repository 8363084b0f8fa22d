import { AgentLink } from '../../agent/link/agentLink.js';
import { silentLog } from '../../src/common/log.js';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import { ProcessClock } from './processClock.js';
import type { Random } from './random.js';
import type { SimulatedNetwork } from './network.js';
import type { VirtualClock } from './virtualClock.js';

const NODES = 6;

/** A host with an agent on it, that changes at random. The agent may be killed; the host stays as it is. */
export class SimulatedAgent {
  readonly origin: string;
  #graph!: LiveGraph;
  #link!: AgentLink;
  #process!: ProcessClock;
  #starts = 0;

  constructor(
    readonly host: string,
    private readonly hosts: readonly string[],
    private readonly clock: VirtualClock,
    private readonly network: SimulatedNetwork,
    private readonly random: Random,
  ) {
    this.origin = `agent.${host}`;
    this.#start([]);
  }

  /** As `kill -9`, and a new start that finds the host as it is. */
  restart(): void {
    const elements = this.picture();
    this.#process.kill();
    void this.#link.close();
    this.#start(elements);
  }

  /** Something happens on the host. */
  act(): void {
    const deltas = Array.from({ length: 1 + this.random.below(3) }, () => this.#delta());
    const { rejected } = this.#graph.apply({ origin: this.origin, deltas, immediate: true });
    const wrong = new Set(rejected.map(({ index }) => index));
    this.#link.publish(deltas.filter((_, index) => !wrong.has(index)));
  }

  /** The host as it is. */
  picture(): (PutNode | PutEdge)[] {
    return this.#graph.elementsOf(this.origin).map(({ said, revision }) => {
      const { id } = revision;
      return revision.kind === 'node'
        ? { op: 'putNode', id, host: this.host, metadata: said.base }
        : { op: 'putEdge', id, host: this.host, parent: revision.parent, child: revision.child, metadata: said.base };
    });
  }

  /** Ends the agent for good. */
  stop(): void {
    this.#process.kill();
    void this.#link.close();
  }

  #start(elements: readonly Delta[]): void {
    this.#process = new ProcessClock(this.clock);
    const clock = this.#process;
    this.#graph = new LiveGraph({ now: () => clock.now() });
    this.#link = new AgentLink({
      url: 'http://simulated',
      token: undefined,
      host: this.host,
      origin: this.origin,
      incarnation: `${this.host}-${++this.#starts}`,
      software: 'simulator',
      clock,
      log: silentLog,
      random: () => this.random.next(),
      picture: () => this.picture(),
      dial: this.network.dial,
      limits: { keptBytes: 8_000 },
    });
    this.#graph.apply({ origin: this.origin, deltas: elements, immediate: true });
    this.#link.publish(elements);
    this.#link.start();
  }

  #delta(): Delta {
    const { host } = this;
    const id = (of: string): string => `${of}/${this.random.below(NODES)}`;
    const roll = this.random.next();
    if (roll < 0.5)
      return {
        op: 'putNode',
        id: id(host),
        host,
        metadata: { Type: 'device', Name: `eth${this.random.below(4)}`, MTU: this.random.below(3) },
      };
    if (roll < 0.8) {
      const parent = id(host);
      const child = id(this.random.pick(this.hosts));
      return { op: 'putEdge', id: `${parent}-${child}`, host, parent, child, metadata: { RelationType: 'layer2' } };
    }
    return { op: 'remove', id: id(host) };
  }
}
