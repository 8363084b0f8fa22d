import { CanopyError } from '../../common/errors.js';
import { isElementChange, type Change, type ElementChange } from '../../graph/change.js';
import type { EdgeRevision, ElementId, ElementKind, NodeRevision, Revision } from '../../graph/element.js';
import type { Position } from '../../graph/position.js';
import type { GraphView } from '../../graph/view.js';
import { OP } from '../../journal/block.js';
import { pauser } from '../../journal/pause.js';
import { pruneJournal } from '../../journal/prune.js';
import type { Recorder } from '../../journal/recorder.js';
import type { ChangeCount, CoverageGap, ElementFilter, HistoryStore, PositionRange } from '../store.js';
import { headerFilter } from './headerFilter.js';
import { histogram } from './histogram.js';
import { RevisionCache } from './revisionCache.js';
import { Views } from './views.js';

/** Changes whose headers are read at once. */
const CHANGES_PER_STEP = 1_024;

/** Of the cache, this part is for decoded elements, the rest for views. */
const REVISIONS_PART = 0.5;

export interface EmbeddedHistoryStatus {
  readonly viewBytes: number;
  readonly revisionBytes: number;
}

/** The past of the graph, read from the journal's own indexes and from what is not durable yet. */
export class EmbeddedHistory implements HistoryStore {
  readonly #recorder: Recorder;
  readonly #revisions: RevisionCache;
  readonly #views: Views;
  #pruning: Promise<void> = Promise.resolve();

  /** `cacheBytes`: most memory for views of the past and decoded elements. */
  constructor(recorder: Recorder, options: { readonly cacheBytes: number }) {
    this.#recorder = recorder;
    this.#revisions = new RevisionCache(recorder.journal, Math.max(1, Math.floor(options.cacheBytes * REVISIONS_PART)));
    this.#views = new Views(
      recorder.journal,
      recorder.graph,
      this.#revisions,
      Math.max(1, Math.floor(options.cacheBytes * (1 - REVISIONS_PART))),
    );
  }

  async resolve(instant: number): Promise<{ readonly position: Position; readonly at: number }> {
    const at = this.#recorder.graph.seal(instant);
    const { journal } = this.#recorder;
    const oldest = this.oldest();
    const seq = journal.timeline.seqAt(at);
    if (journal.oldestSeq > 1 && (at < oldest.at || seq < oldest.position.seq)) return oldest;
    return { position: seq === journal.lastSeq ? this.#recorder.position() : journal.epochs.positionOf(seq), at };
  }

  check(position: Position): 'good' | 'lost-in-crash' | 'pruned' | 'in-future' {
    return this.#recorder.journal.check(position);
  }

  /** `signal`: the caller does not wait any more. */
  async at(position: Position, signal?: AbortSignal): Promise<GraphView> {
    this.#assertGood(position);
    return this.#views.at(position, this.#instantOf(position.seq), signal);
  }

  /** One node as it was; reads no other. */
  async node(id: ElementId, position: Position): Promise<NodeRevision | undefined> {
    return this.#element('node', id, position) as NodeRevision | undefined;
  }

  /** One edge as it was; reads no other. */
  async edge(id: ElementId, position: Position): Promise<EdgeRevision | undefined> {
    return this.#element('edge', id, position) as EdgeRevision | undefined;
  }

  async *changes(range: PositionRange, filter?: ElementFilter): AsyncIterable<Change> {
    const { journal } = this.#recorder;
    if (range.after !== undefined) this.#assertGood(range.after);
    if (range.to !== undefined) this.#assertGood(range.to);
    const last = range.to?.seq ?? journal.lastSeq;
    const isWanted = headerFilter(journal, filter);
    const pause = pauser();
    for (let done = Math.max(range.after?.seq ?? 0, journal.oldestSeq - 1); done < last;) {
      const until = Math.min(last, done + CHANGES_PER_STEP);
      for (const block of journal.timeline.between(done, until)) {
        const stop = Math.min(block.count, until - block.firstSeq + 1);
        for (let index = Math.max(0, done + 1 - block.firstSeq); index < stop; index++) {
          if (isHidden(block.op[index]!) || !isWanted(block.ordinal[index]!)) continue;
          const change = journal.change(block.firstSeq + index);
          if (change === undefined) throw pruned(this.oldest().position);
          yield change;
          if (pause.isDue()) await pause.now();
        }
      }
      done = until;
      if (pause.isDueNow()) await pause.now();
    }
  }

  async revisions(
    ids: readonly ElementId[],
    range: PositionRange & { readonly limit?: number } = {},
  ): Promise<readonly (readonly ElementChange[])[]> {
    if (range.after !== undefined) this.#assertGood(range.after);
    if (range.to !== undefined) this.#assertGood(range.to);
    const pause = pauser();
    const answers: (readonly ElementChange[])[] = [];
    for (const id of ids) {
      const changes: ElementChange[] = [];
      for (const change of this.#changesOf(id, range)) {
        if (changes.length >= (range.limit ?? Infinity)) break;
        changes.push(change);
        if (pause.isDue()) await pause.now();
      }
      answers.push(changes);
    }
    return answers;
  }

  histogram(from: number, to: number, stepMs: number, filter?: ElementFilter): Promise<readonly ChangeCount[]> {
    return histogram(this.#recorder.journal, from, to, stepMs, filter);
  }

  async gaps(from: number, to: number): Promise<readonly CoverageGap[]> {
    return this.#recorder.coverage.between(from, to).map(({ from: start, to: end, reason, origin, host, probe }) => ({
      from: start,
      to: end,
      reason,
      origin,
      host,
      probe,
    }));
  }

  oldest(): { readonly position: Position; readonly at: number } {
    const { journal } = this.#recorder;
    return { position: journal.epochs.positionOf(journal.oldestSeq - 1), at: journal.oldestAt };
  }

  /** Takes away what is older, in slices; a second call waits for the first. */
  prune(before: Position): Promise<void> {
    const run = async (): Promise<void> => {
      if (this.check(before) === 'pruned') return;
      this.#assertGood(before);
      const seq = Math.min(before.seq, this.#recorder.journal.keptSeq);
      await pruneJournal(this.#recorder.journal, this.#recorder.coverage, seq);
      this.#views.prune(seq);
    };
    this.#pruning = this.#pruning.then(run, run);
    return this.#pruning;
  }

  status(): EmbeddedHistoryStatus {
    return { viewBytes: this.#views.bytes, revisionBytes: this.#revisions.bytes };
  }

  #element(kind: ElementKind, id: ElementId, position: Position): Revision | undefined {
    this.#assertGood(position);
    const { journal } = this.#recorder;
    const ordinal = journal.ordinalOf(kind, id);
    const version = ordinal === undefined ? 0 : journal.versionAt(ordinal, position.seq);
    return version > 0 ? this.#revisions.get(ordinal!, version) : undefined;
  }

  /** Newest first; read a page at a time, because others may write between two. */
  *#changesOf(id: ElementId, range: PositionRange): Generator<ElementChange> {
    const { journal } = this.#recorder;
    for (const kind of ['node', 'edge'] as const) {
      const ordinal = journal.ordinalOf(kind, id);
      if (ordinal === undefined) continue;
      let to = range.to?.seq ?? journal.lastSeq;
      for (
        let seqs = this.#page(ordinal, range.after?.seq ?? 0, to);
        seqs.length > 0;
        seqs = this.#page(ordinal, range.after?.seq ?? 0, to)
      ) {
        for (const seq of seqs) {
          const change = journal.change(seq);
          if (change !== undefined && isElementChange(change) && change.op !== 'suspended') yield change;
        }
        to = seqs.at(-1)! - 1;
      }
    }
  }

  #page(ordinal: number, after: number, to: number): readonly number[] {
    const seqs: number[] = [];
    for (const seq of this.#recorder.journal.changesOf(ordinal, after, to)) {
      seqs.push(seq);
      if (seqs.length >= CHANGES_PER_STEP) break;
    }
    return seqs;
  }

  #instantOf(seq: number): number {
    const { journal } = this.#recorder;
    return seq < journal.oldestSeq ? journal.oldestAt : journal.timeline.atOf(seq)!;
  }

  #assertGood(position: Position): void {
    const verdict = this.check(position);
    if (verdict === 'good') return;
    if (verdict === 'pruned') throw pruned(this.oldest().position);
    if (verdict === 'in-future') {
      throw new CanopyError('BAD_INPUT', `Position ${position.epoch}:${position.seq} is not there yet.`, { details: { position } });
    }
    throw new CanopyError(
      'RESYNC_REQUIRED',
      `Position ${position.epoch}:${position.seq} was lost in a crash before it was on disk. Start from a new snapshot.`,
      {
        details: { position },
      },
    );
  }
}

const isHidden = (op: number): boolean => op === OP.suspended || op === OP.forgotten || op === OP.lost;

const pruned = (oldest: Position): CanopyError =>
  new CanopyError('RESYNC_REQUIRED', `This past is not kept any more; the oldest is at position ${oldest.epoch}:${oldest.seq}.`, {
    details: { oldest },
  });
