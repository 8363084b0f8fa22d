import { CanopyError } from '../../common/errors.js';
import type { Change, ElementChange } from '../../graph/change.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import type { Recorder } from '../../journal/recorder.js';
import type { EmbeddedHistory } from '../embedded/historyStore.js';
import type {
  ChangeCount,
  CoverageGap,
  ElementFilter,
  HistoryStore,
  HomeQueries,
  HomeQueryOptions,
  HomeRow,
  PositionRange,
} from '../store.js';
import type { Database } from './database.js';
import { readElement, type Place } from './elements.js';
import type { Projector } from './projector.js';
import { run } from './run.js';
import { Views } from './views.js';

/** A larger graph is there sooner when the journal's own indexes make its picture; pictures of such a past are not read from Neo4j. */
const LARGEST_PICTURE = 20_000;

export interface Neo4jHistoryParts {
  readonly recorder: Recorder;
  readonly embedded: EmbeddedHistory;
  readonly database: Database;
  readonly projector: Projector;
}

/** How often each home answered. */
export interface AnsweredBy {
  readonly neo4j: number;
  readonly embedded: number;
}

/**
 * The past of the graph with Neo4j as its second home. States of the graph (`at`, `node`, `edge`) are read from Neo4j as far as it has followed; the journal answers for what it does
 * not have yet, and for all while it is away. The log itself (changes, histograms, coverage, cursors) is the journal's: events never depend on Neo4j.
 */
export class Neo4jHistory implements HistoryStore {
  readonly #views: Views;
  #answered = { neo4j: 0, embedded: 0 };

  /** `cacheBytes`: most memory for pictures that were read from Neo4j. */
  constructor(
    private readonly parts: Neo4jHistoryParts,
    options: { readonly cacheBytes: number },
  ) {
    this.#views = new Views(parts.database, options.cacheBytes);
  }

  get answered(): AnsweredBy {
    return { ...this.#answered };
  }

  /** Bytes of the pictures that are kept. */
  get viewBytes(): number {
    return this.#views.bytes;
  }

  resolve(instant: number): Promise<{ readonly position: Position; readonly at: number }> {
    return this.parts.embedded.resolve(instant);
  }

  check(position: Position): 'good' | 'lost-in-crash' | 'pruned' | 'in-future' {
    return this.parts.embedded.check(position);
  }

  at(position: Position, signal?: AbortSignal): Promise<GraphView> {
    const { nodes, edges } = this.parts.recorder.graph.stats();
    return this.#answer(
      position,
      nodes + edges <= LARGEST_PICTURE,
      ({ at }) => this.#views.at(position, at),
      () => this.parts.embedded.at(position, signal),
    );
  }

  node(id: ElementId, position: Position): Promise<NodeRevision | undefined> {
    return this.#answer(
      position,
      true,
      async (place) => (await readElement(this.parts.database, 'node', id, place)) as NodeRevision | undefined,
      () => this.parts.embedded.node(id, position),
    );
  }

  edge(id: ElementId, position: Position): Promise<EdgeRevision | undefined> {
    return this.#answer(
      position,
      true,
      async (place) => (await readElement(this.parts.database, 'edge', id, place)) as EdgeRevision | undefined,
      () => this.parts.embedded.edge(id, position),
    );
  }

  changes(range: PositionRange, filter?: ElementFilter): AsyncIterable<Change> {
    return this.parts.embedded.changes(range, filter);
  }

  revisions(
    ids: readonly ElementId[],
    range?: PositionRange & { readonly limit?: number },
  ): Promise<readonly (readonly ElementChange[])[]> {
    return this.parts.embedded.revisions(ids, range);
  }

  histogram(from: number, to: number, stepMs: number, filter?: ElementFilter): Promise<readonly ChangeCount[]> {
    return this.parts.embedded.histogram(from, to, stepMs, filter);
  }

  gaps(from: number, to: number): Promise<readonly CoverageGap[]> {
    return this.parts.embedded.gaps(from, to);
  }

  oldest(): { readonly position: Position; readonly at: number } {
    return this.parts.embedded.oldest();
  }

  /** From the journal first: Neo4j may keep longer what nobody can ask for, and never the other way round. */
  async prune(before: Position): Promise<void> {
    await this.parts.embedded.prune(before);
    const { seq } = this.oldest().position;
    this.#views.prune(seq);
    await this.parts.projector.prune(seq);
  }

  /** What a printed question finds; `undefined` when Neo4j cannot tell at present. */
  async run(
    queries: HomeQueries,
    place: { readonly position: Position; readonly at: number },
    options?: HomeQueryOptions,
  ): Promise<readonly HomeRow[] | undefined> {
    if (!this.parts.projector.has(place.position.seq)) return undefined;
    try {
      return await run(this.parts.database, queries, place, options);
    } catch (error) {
      if (isAway(error)) return undefined;
      throw error;
    }
  }

  /** From Neo4j where it has the position, otherwise and when it fails from the journal. */
  async #answer<T>(
    position: Position,
    isWanted: boolean,
    fromNeo4j: (place: Place) => Promise<T>,
    fromJournal: () => Promise<T>,
  ): Promise<T> {
    const { projector } = this.parts;
    // A position that cannot be asked for gets the journal's own refusal.
    if (isWanted && projector.has(position.seq) && this.check(position) === 'good') {
      try {
        const place = { seq: position.seq, at: this.#instantOf(position.seq) };
        const found = await projector.steadily(async () => ({ answer: await fromNeo4j(place) }));
        if (found !== undefined) {
          this.#answered.neo4j++;
          return found.answer;
        }
      } catch (error) {
        if (!isAway(error)) throw error;
      }
    }
    this.#answered.embedded++;
    return fromJournal();
  }

  #instantOf(seq: number): number {
    const { journal } = this.parts.recorder;
    return seq < journal.oldestSeq ? journal.oldestAt : journal.timeline.atOf(seq)!;
  }
}

const isAway = (error: unknown): boolean => error instanceof CanopyError && error.code === 'STORE_UNAVAILABLE';
