import { CanopyError } from '../../common/errors.js';
import type { EdgeRevision, ElementId, NodeRevision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import { isPromise, whenReady, type Awaitable } from '../awaitable.js';
import { membersIn, SeenLog } from '../sight/seenLog.js';
import { Alarm } from './alarm.js';
import { BOOKMARK_MS, CATCH_UP_CHANGES, SNAPSHOT_PAGE } from './defaults.js';
import type { ChangeBatch, ResyncNeeded, SnapshotPage, TopologyEvent } from './events.js';
import type { TopologyStream } from './feed.js';
import type { ChangeLog } from './log.js';
import { edgesBetween, type Membership, type Piece, startMembership } from './membership.js';
import type { LiveScope } from './scope.js';

/** What a reading asks for; where it starts is said to `begin`. */
export type ReadingOptions = Omit<TopologyStream, 'after'>;

/** One reader of the log: knows how far it has read, and what belongs to its part of the graph there. */
export class TopologyReading {
  #position: Position;
  /** Where the latest event begins. */
  #eventStart: Position;
  /** How far everything has been taken by whoever reads: the latest event only once the next one is asked for. */
  #given: Position;
  #membership: Awaitable<Membership> | undefined;
  /** Nodes that the sight sees at the position. */
  #seen: Set<ElementId> = new Set();
  readonly #alarm: Alarm;

  constructor(
    private readonly log: ChangeLog,
    private readonly options: ReadingOptions,
  ) {
    this.#position = this.#eventStart = this.#given = log.position();
    this.#alarm = new Alarm(log.clock);
  }

  /** How far the log has been read. */
  get position(): Position {
    return this.#position;
  }

  /** Up to here everything has been taken, and there was nothing else to tell. */
  get given(): Position {
    return this.#given;
  }

  /** Where the event that was given last begins; from the end of the one before up to here there was nothing to tell. */
  get eventStart(): Position {
    return this.#eventStart;
  }

  /** Ends `follow`, also while it waits. */
  close(): void {
    this.#alarm.close();
  }

  /** Starts at the present without telling it: for a reading whose events others continue with. */
  beginSilently(): void {
    const view = this.#look(this.log.present());
    this.#position = this.#given = view.position;
    const membership = whenReady(
      startMembership(this.options.scope, () => view),
      (started) => (view.release(), started),
    );
    this.#membership = membership;
    // Who reads on is told.
    if (isPromise(membership)) membership.then(undefined, () => view.release());
  }

  /** With a position: takes up there without an event, or says that it leads nowhere. Without: the picture of the present. */
  async *begin(after: Position | undefined): AsyncGenerator<TopologyEvent> {
    if (after === undefined) {
      yield* this.#snapshot();
      return;
    }
    const refused = checkCursor(this.log, after);
    if (refused === undefined) return void (await this.resume(after));
    this.close();
    yield refused;
  }

  /** Takes up at a position that `checkCursor` let pass. */
  async resume(after: Position): Promise<void> {
    const { scope, sight } = this.options;
    if (scope.reach === 'everything' && !sight?.isPartial) this.#membership = await startMembership(scope, neverNeeded);
    else {
      const view = this.#look(await this.log.viewAt(after));
      try {
        this.#membership = await startMembership(scope, () => view);
      } finally {
        view.release();
      }
    }
    this.#position = this.#given = after;
  }

  /** Reads on to the position, or to the newest: batches, and a fresh snapshot where too much has happened to tell it one by one. */
  async *advance(target?: Position): AsyncGenerator<TopologyEvent> {
    const present = this.options.scope.reach === 'everything' || target !== undefined ? undefined : this.log.present();
    const to = target ?? present?.position ?? this.log.position();
    let before: GraphView | undefined;
    try {
      const behind = to.seq - this.#position.seq;
      if (behind > (this.log.sources.catchUpChanges ?? CATCH_UP_CHANGES)) {
        yield { kind: 'lost', count: behind, after: this.#position };
        yield* this.#snapshot();
        return;
      }
      if (behind <= 0) return;
      const { sight } = this.options;
      before = sight && (await this.log.viewAt(this.#position));
      const seen = sight && new SeenLog(sight, before!, this.#seen);
      for await (const changes of this.log.pieces(this.#position, to, this.options.maxChanges)) {
        const end = changes.at(-1)!.seq;
        const piece = { changes: seen?.follow(changes) ?? changes, to: end === to.seq ? to : { epoch: to.epoch, seq: end } };
        const batch = await this.#tell(piece, end === to.seq ? present : undefined);
        if (batch.changes.length > 0) yield batch;
        this.#given = piece.to;
      }
      this.#position = this.#given = to;
    } finally {
      before?.release();
      present?.release();
    }
  }

  /** Events as they happen, spaced by `everyMs`, until closed. */
  async *follow(): AsyncGenerator<TopologyEvent> {
    const { clock, sources } = this.log;
    let lastBatch = -Infinity;
    let lastEvent = clock.monotonic();
    const isBehind = () => this.log.position().seq > this.#position.seq;
    const stopListening = sources.recorder.onChanges(() => this.#alarm.ring());
    try {
      while (!this.#alarm.isClosed) {
        const now = clock.monotonic();
        const early = lastBatch + this.options.everyMs - now;
        if (isBehind() && early <= 0) {
          lastBatch = now;
          for await (const event of this.advance()) {
            lastEvent = clock.monotonic();
            yield event;
          }
        } else if (now - lastEvent >= BOOKMARK_MS) {
          lastEvent = now;
          this.#eventStart = this.#position;
          yield { kind: 'changes', changes: [], position: this.#position };
        } else {
          const bookmark = lastEvent + BOOKMARK_MS - now;
          await this.#alarm.sleep(isBehind() ? Math.min(early, bookmark) : bookmark);
        }
      }
    } finally {
      stopListening();
    }
  }

  /** The view as it is seen; who is seen in it is where the log goes on from. */
  #look(view: GraphView): GraphView {
    const { sight } = this.options;
    if (sight === undefined) return view;
    this.#seen = membersIn(sight, view);
    return sight.of(view);
  }

  async #tell(piece: Omit<Piece, 'view'>, present: GraphView | undefined): Promise<ChangeBatch> {
    let opened: GraphView | undefined;
    const { sight } = this.options;
    const view = async () => {
      const whole = present ?? (opened ??= await this.log.viewAt(piece.to));
      return sight?.of(whole) ?? whole;
    };
    try {
      const membership = await this.#membership!;
      const changes = await membership.follow({ ...piece, view });
      this.#eventStart = this.#position;
      this.#position = piece.to;
      return { kind: 'changes', changes, position: piece.to };
    } finally {
      opened?.release();
    }
  }

  async *#snapshot(): AsyncGenerator<SnapshotPage> {
    const view = this.#look(this.log.present());
    try {
      this.#membership = await startMembership(this.options.scope, () => view);
      this.#position = this.#given = view.position;
      let nodes: NodeRevision[] = [];
      let edges: EdgeRevision[] = [];
      for (const element of await elementsOf(this.options.scope, view)) {
        if (nodes.length + edges.length === SNAPSHOT_PAGE) {
          yield { kind: 'snapshot', nodes, edges, position: undefined, complete: false };
          nodes = [];
          edges = [];
        }
        if (element.kind === 'node') nodes.push(element);
        else edges.push(element);
      }
      yield { kind: 'snapshot', nodes, edges, position: view.position, complete: true };
    } finally {
      view.release();
    }
  }
}

/** Why a stream cannot go on after the position; `undefined` when it can. */
export function checkCursor(log: ChangeLog, after: Position): ResyncNeeded | undefined {
  const verdict = log.sources.history.check(after);
  if (verdict === 'good') return undefined;
  return { kind: 'resync', reason: REASONS[verdict], oldest: log.sources.history.oldest().position };
}

const REASONS = {
  'lost-in-crash': 'the analyzer lost the last changes before a crash, and the cursor is among them',
  pruned: 'the cursor is older than what is kept',
  'in-future': 'the cursor is of another analyzer or another data folder',
} as const;

const neverNeeded = (): GraphView => {
  throw new CanopyError('INTERNAL', 'a stream of everything asks nobody who belongs to it');
};

async function elementsOf(scope: LiveScope, view: GraphView): Promise<Iterable<NodeRevision | EdgeRevision>> {
  if (scope.reach === 'everything') return inTurn<NodeRevision | EdgeRevision>(view.nodes(), view.edges());
  if (scope.reach === 'own') return ownElements(scope, view);
  const { nodes, edges } = await scope.select(view);
  return inTurn<NodeRevision | EdgeRevision>(nodes.values(), edges);
}

function* ownElements(scope: Extract<LiveScope, { reach: 'own' }>, view: GraphView): Iterable<NodeRevision | EdgeRevision> {
  const nodes = new Map<string, NodeRevision>();
  for (const node of view.nodes()) if (scope.matchesNode(node)) nodes.set(node.id, node);
  yield* nodes.values();
  for (const edge of edgesBetween(nodes, view)) if (scope.matchesEdge(edge)) yield edge;
}

function* inTurn<T>(...lists: readonly Iterable<T>[]): Iterable<T> {
  for (const list of lists) yield* list;
}
