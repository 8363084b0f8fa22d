import { CanopyError } from '../../common/errors.js';
import type { Delta } from '../../graph/delta.js';
import type { ElementId } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import type { Recorded, RecorderContract } from '../../journal/contracts.js';
import type { Asker } from '../asker.js';
import { foreignWrites } from '../sight/foreignWrites.js';
import { requireRight, type Viewer } from '../viewer.js';
import { notYours } from './check.js';
import { requireRoom } from './kept.js';
import { isReserved } from './origins.js';
import type { Quotas } from './quota.js';

/** What became of deltas that were written one by one. */
export interface Written {
  /** Deltas that were not taken, by their place among those given. */
  readonly refused: ReadonlyMap<number, CanopyError>;
  /** Resolves when what was taken is on disk. */
  readonly durable: Promise<void>;
}

export interface ElementWriterParts {
  readonly recorder: RecorderContract;
  readonly quotas: Quotas;
  /** Whether an agent of another make is connected under the origin, which otherwise only ours may use. */
  readonly isForeignAgent: (origin: string) => boolean;
}

/** Writing for programs that send elements one by one and hear nothing back: what is wrong with one does not hold back the others. */
export class ElementWriter {
  constructor(private readonly parts: ElementWriterParts) {}

  /**
   * Applies the deltas in order as the origin's own. Elements of other origins are refused one by one; as a whole it throws `FORBIDDEN` for
   * a reserved origin, `QUOTA_EXCEEDED` and `STORE_UNAVAILABLE`.
   */
  write({ viewer, scope }: Asker, origin: string, deltas: readonly Delta[]): Written {
    const { graph } = scope.forward();
    for (const object of new Set(deltas.map((delta) => objectOf(delta, graph)))) requireRight(viewer, object, 'write');
    if (isReserved(origin) && !this.parts.isForeignAgent(origin))
      throw new CanopyError('FORBIDDEN', `'${origin}' is taken: connect with another client type`, { details: { origin } });
    requireRoom(this.parts.recorder);
    const refused = this.#foreign(viewer, origin, deltas);
    const taken: Delta[] = [];
    const places: number[] = [];
    // What an earlier delta of the same call makes belongs to the origin too.
    const made = new Set<ElementId>();
    deltas.forEach((delta, place) => {
      if (refused.has(place)) return;
      const fault = made.has(delta.id) ? undefined : faultOf(delta, origin, graph);
      if (fault !== undefined) return void refused.set(place, fault);
      if (delta.op === 'putNode' || delta.op === 'putEdge') made.add(delta.id);
      taken.push(delta);
      places.push(place);
    });
    if (taken.length === 0) return { refused, durable: Promise.resolve() };
    this.parts.quotas.spend(origin, graph, taken);
    const recorded = this.#record(origin, taken);
    for (const { index, code, message } of recorded.rejected) refused.set(places[index]!, new CanopyError(code, message));
    scope.forward();
    return { refused, durable: recorded.durable };
  }

  /** What removes everything of the origin that the list does not name: edges first. */
  removalsBut({ scope }: Asker, origin: string, ids: ReadonlySet<ElementId>): Delta[] {
    const { graph } = scope.forward();
    const gone: Delta[] = [];
    for (const edge of graph.edges()) if (edge.origin === origin && !ids.has(edge.id)) gone.push({ op: 'remove', id: edge.id });
    for (const node of graph.nodesBy('origin', origin)) if (!ids.has(node.id)) gone.push({ op: 'remove', id: node.id });
    return gone;
  }

  /** What the viewer may not write, and with that what would hang on it. */
  #foreign({ sight }: Viewer, origin: string, deltas: readonly Delta[]): Map<number, CanopyError> {
    const refused = new Map<number, CanopyError>();
    if (sight === undefined) return refused;
    const whole = this.parts.recorder.present();
    try {
      for (let before = -1; before < refused.size;) {
        before = refused.size;
        const places = [...deltas.keys()].filter((place) => !refused.has(place));
        const found = foreignWrites(
          sight,
          whole,
          origin,
          places.map((place) => deltas[place]!),
        );
        for (const [index, error] of found) refused.set(places[index]!, error);
      }
    } finally {
      whole.release();
    }
    return refused;
  }

  #record(origin: string, deltas: readonly Delta[]): Recorded {
    return this.parts.recorder.record({ origin, deltas, immediate: true });
  }
}

const objectOf = ({ op, id }: Delta, graph: GraphView): 'node' | 'edge' =>
  op === 'putEdge' || (op !== 'putNode' && graph.edge(id) !== undefined) ? 'edge' : 'node';

function faultOf(delta: Delta, origin: string, graph: GraphView): CanopyError | undefined {
  const { id, op } = delta;
  const present = graph.node(id) ?? graph.edge(id);
  if (present === undefined) {
    if (op === 'putNode' || op === 'putEdge') return undefined;
    return new CanopyError('NOT_FOUND', `there is no element '${id}'`);
  }
  if (present.origin !== origin) return new CanopyError('FORBIDDEN', notYours(id, present.origin));
  const kind = op === 'putNode' ? 'node' : op === 'putEdge' ? 'edge' : present.kind;
  if (present.kind !== kind) return new CanopyError('BAD_INPUT', `'${id}' is ${present.kind === 'node' ? 'a node' : 'an edge'} already`);
  return undefined;
}
