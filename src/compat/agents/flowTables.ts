import type { Cancel, Clock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';
import { CanopyError } from '../../common/errors.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { FlowRecord } from '../../flow/batch/flowRecord.js';
import { openFlowBatchWriter } from '../../flow/batch/flowBatchWriter.js';
import type { Services } from '../../services/services.js';
import { fieldOf } from '../elementJson.js';
import { FlowMessages, readTableReply, type MessageCounters, type SentFlow } from '../flows/messages.js';
import { KnownNumberings } from '../flows/numbering.js';
import type { TableStats } from '../flows/stats.js';
import type { Body } from '../ws/envelope.js';

/** What became of the flows of one old agent, since the analyzer started. */
export interface OldFlowCounts extends MessageCounters {
  /** Read, and refused by the store. */
  notStored: number;
}

export interface OldFlowParts {
  readonly services: () => Pick<Services, 'flows'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds that a flow waits for others to show how its parts are numbered. */
const HOLD_MS = 3_000;

interface Reader {
  readonly messages: FlowMessages;
  readonly counts: OldFlowCounts;
  /** Set while flows wait. */
  waiting: Cancel | undefined;
}

/** The flows of old agents, by their origin: what their messages showed of their numbering outlives a connection. */
export class OldFlows {
  readonly #readers = new Map<string, Reader>();
  readonly #known = new KnownNumberings();

  constructor(private readonly parts: OldFlowParts) {}

  /** `undefined`: nothing came from there. */
  countsOf(origin: string): OldFlowCounts | undefined {
    return this.#readers.get(origin)?.counts;
  }

  /** Flows of all of them that wait. */
  get held(): number {
    return [...this.#readers.values()].reduce((sum, { counts }) => sum + counts.held, 0);
  }

  /** Takes a message of flows that an agent pushed, and gives what its captures counted. What is no message is counted. */
  push(origin: string, bytes: Uint8Array): readonly TableStats[] {
    const reader = this.#readerOf(origin);
    try {
      const { flows, stats } = reader.messages.message(bytes);
      this.#take(origin, flows);
      this.#wait(origin, reader);
      return stats;
    } catch (error) {
      this.#refuse(origin, reader.counts, error);
      return [];
    }
  }

  /** Takes the answer to the question for all flows: what else was known of the agent's is over. */
  answer(origin: string, body: Body): void {
    const reader = this.#readerOf(origin);
    try {
      const { status, sets } = replyOf(body);
      const { flows, named } = reader.messages.tables(status, sets);
      this.#take(origin, flows);
      this.#wait(origin, reader);
      this.parts.services().flows.live.keepOnly(origin, named);
    } catch (error) {
      this.#refuse(origin, reader.counts, error);
    }
  }

  close(): void {
    for (const { waiting } of this.#readers.values()) waiting?.();
  }

  /** What still waits after a while is read as far as it can be. */
  #wait(origin: string, reader: Reader): void {
    if (reader.counts.held === 0 || reader.waiting !== undefined) return;
    reader.waiting = this.parts.clock.after(HOLD_MS, () => {
      reader.waiting = undefined;
      this.#take(origin, reader.messages.settle());
    });
  }

  #readerOf(origin: string): Reader {
    let reader = this.#readers.get(origin);
    if (reader === undefined) {
      const counts: OldFlowCounts = { flows: 0, refused: 0, unread: new Map(), held: 0, notStored: 0 };
      reader = { messages: new FlowMessages(counts, this.#known), counts, waiting: undefined };
      this.#readers.set(origin, reader);
    }
    return reader;
  }

  #take(origin: string, flows: readonly SentFlow[]): void {
    for (const kind of ['REFRESH', 'UPDATE'] as const) {
      const ofKind = flows.filter((flow) => flow.kind === kind);
      if (ofKind.length > 0) this.#takeAll(origin, ofKind, kind);
    }
  }

  #takeAll(origin: string, flows: readonly SentFlow[], batchKind: SentFlow['kind']): void {
    const { counts } = this.#readerOf(origin);
    const writer = openFlowBatchWriter({
      emit: (batch, count) => {
        const message = { kind: 'flows', number: 0, capture: '', node: '', batchKind, count, batch, dropped: {} } as const;
        this.parts
          .services()
          .flows.take(origin, message, 0)
          ?.catch((error: unknown) => {
            counts.notStored += count;
            this.parts.log.warn({ origin, flows: count, error: String(error) }, 'flows of an old agent could not be stored');
          });
      },
    });
    // Of one capture and node together: a batch is of one.
    const sorted = flows.length < 2 ? flows : flows.toSorted((a, b) => (homeOf(a) < homeOf(b) ? -1 : homeOf(a) > homeOf(b) ? 1 : 0));
    for (const { flow, rawPackets } of sorted)
      writer.flow(new FlowRecord(flow, rawPackets), flow.FinishType === undefined ? 'update' : 'end');
    writer.end();
  }

  #refuse(origin: string, counts: OldFlowCounts, error: unknown): void {
    if (!(error instanceof CanopyError)) throw error;
    counts.refused += 1;
    this.parts.log.debug({ origin, reason: error.message }, 'an old agent sent no flows');
  }
}

const homeOf = ({ flow }: SentFlow): string => `${flow.CaptureID ?? ''} ${flow.NodeTID ?? ''}`;

/** The answer in protobuf, or in JSON with the sets in base64. */
function replyOf(body: Body): { readonly status: number; readonly sets: readonly Uint8Array[] } {
  if ('bytes' in body) return readTableReply(body.bytes);
  if (typeof body.json === 'string') return readTableReply(Buffer.from(body.json, 'base64'));
  if (!isJsonObject(body.json)) throw new CanopyError('BAD_INPUT', 'an answer about flows is an object');
  const status = fieldOf(body.json, 'Status') ?? 0;
  const sets = fieldOf(body.json, 'FlowSetBytes') ?? [];
  if (typeof status !== 'number' || !Array.isArray(sets))
    throw new CanopyError('BAD_INPUT', 'an answer has a Status and a list of FlowSetBytes');
  return { status, sets: sets.map((set) => Buffer.from(String(set), 'base64')) };
}
