import type { Clock } from '../common/clock.js';
import { CanopyError } from '../common/errors.js';
import type { Revision } from '../graph/element.js';
import type { Position } from '../graph/position.js';
import type { GraphView } from '../graph/view.js';
import type { HistoryStore } from '../history/store.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { Awaitable } from './awaitable.js';
import { momentIn, momentWithoutGraph, type Moment } from './elementView.js';
import { resolveInstant, type Instant } from './instant.js';
import type { Sight } from './sight/sight.js';

/** What a scope reads from. */
export interface ReadSources {
  readonly recorder: Pick<RecorderContract, 'present'>;
  readonly history: HistoryStore;
  readonly clock: Clock;
}

/**
 * The moments that one request looks at. All fields of a request that ask for the present share one view of it, so its answer is of one
 * version; a past instant asked for twice is read once. Whoever opened the scope releases it when the answer is written.
 */
export class ReadScope {
  #present: Moment | undefined;
  readonly #past = new Map<string, Promise<GraphView>>();
  readonly #views: GraphView[] = [];
  #released = false;

  /** `sight`: whose eyes read; everything is seen without one. */
  constructor(
    private readonly sources: ReadSources,
    readonly sight?: Sight,
  ) {}

  /** The present, the same for the whole request. */
  present(): Moment {
    if (this.#present === undefined) {
      const graph = this.#keep(this.sources.recorder.present());
      this.#present = momentIn(graph, graph.at);
    }
    return this.#present;
  }

  /** Looks at the present anew: after a write, so that what follows in the same request reads it. */
  forward(): Moment {
    this.#present = undefined;
    return this.present();
  }

  /** Between two events of a stream: the present anew, and nothing that was read before is held any longer. */
  onward(): Moment {
    for (const view of this.#views.splice(0)) view.release();
    this.#past.clear();
    return this.forward();
  }

  /** The graph at an instant; now when it is left out or lies in the future. Live answers are there at once. */
  at(instant: Instant | null | undefined): Awaitable<Moment> {
    if (instant === undefined || instant === null) return this.present();
    const now = this.sources.clock.now();
    const wanted = resolveInstant(instant, now);
    return wanted >= now ? this.present() : this.#pastAt(wanted);
  }

  /** Whether `alone` can read an element of the instant: it is past, and who sees the element is no matter of what surrounds it. */
  readsAlone(instant: Instant | null | undefined): instant is Instant {
    if (this.sight?.isPartial) return false;
    const now = this.sources.clock.now();
    return instant !== undefined && instant !== null && resolveInstant(instant, now) < now;
  }

  /** A past element without the graph around it; `read` asks the history for it. */
  async alone<R extends Revision, V>(
    instant: Instant,
    read: (history: HistoryStore, position: Position) => Promise<R | undefined>,
    show: (element: R, moment: Moment) => V,
  ): Promise<V | undefined> {
    const { history, clock } = this.sources;
    const { position, at } = await history.resolve(resolveInstant(instant, clock.now()));
    const element = await read(history, position);
    return element && show(this.sight?.shown(element) ?? element, momentWithoutGraph(position, at));
  }

  /** The graph after the change at the position, as a cursor holds it. Throws `RESYNC_REQUIRED` when it is not kept any more. */
  atPosition(position: Position): Awaitable<Moment> {
    const live = this.present();
    if (isSamePosition(live.position, position)) return live;
    const verdict = this.sources.history.check(position);
    if (verdict !== 'good') {
      throw new CanopyError(
        'RESYNC_REQUIRED',
        `the moment of this cursor cannot be read any more (${verdict}); ask for the first page again`,
        {
          details: { reason: verdict },
        },
      );
    }
    return this.#pastView(position).then((graph) => momentIn(graph, graph.at));
  }

  /** Lets go of every view. What is still being opened is released when it arrives. */
  release(): void {
    this.#released = true;
    for (const view of this.#views.splice(0)) view.release();
  }

  async #pastAt(instant: number): Promise<Moment> {
    const { position, at } = await this.sources.history.resolve(instant);
    return momentIn(await this.#pastView(position), at);
  }

  #pastView(position: Position): Promise<GraphView> {
    const key = `${position.epoch}.${position.seq}`;
    let view = this.#past.get(key);
    if (view === undefined) {
      view = this.sources.history.at(position).then((opened) => this.#keep(opened));
      this.#past.set(key, view);
    }
    return view;
  }

  #keep(view: GraphView): GraphView {
    if (this.#released) view.release();
    else this.#views.push(view);
    return this.sight?.of(view) ?? view;
  }
}

export const isSamePosition = (a: Position, b: Position): boolean => a.epoch === b.epoch && a.seq === b.seq;
