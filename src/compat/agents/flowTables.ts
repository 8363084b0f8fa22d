import type { Log } from '../../common/log.js';
import { CanopyError } from '../../common/errors.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { FlowRecord } from '../../flow/batch/flowRecord.js';
import { openFlowBatchWriter } from '../../flow/batch/flowBatchWriter.js';
import type { FlowBatchKind } from '../../protocol/flows.js';
import type { Services } from '../../services/services.js';
import { fieldOf } from '../elementJson.js';
import { FlowMessages, readTableReply, type MessageCounters, type TableStats } from '../flows/messages.js';
import type { ReadFlow } from '../flows/readFlow.js';
import type { Body } from '../ws/envelope.js';

/** What became of the flows of one old agent, since the analyzer started. */
export interface OldFlowCounts extends MessageCounters {
  /** Read, and refused by the store. */
  notStored: number;
}

export interface OldFlowParts {
  readonly services: () => Pick<Services, 'flows'>;
  readonly log: Log;
}

/** The flows of old agents, by their origin: what their messages showed of their numbering outlives a connection. */
export class OldFlows {
  readonly #readers = new Map<string, { readonly messages: FlowMessages; readonly counts: OldFlowCounts }>();

  constructor(private readonly parts: OldFlowParts) {}

  /** `undefined`: nothing came from there. */
  countsOf(origin: string): OldFlowCounts | undefined {
    return this.#readers.get(origin)?.counts;
  }

  /** Takes a message of flows that an agent pushed, and gives what its captures counted. What is no message is counted. */
  push(origin: string, bytes: Uint8Array): readonly TableStats[] {
    const { messages, counts } = this.#readerOf(origin);
    try {
      const { flows, stats } = messages.message(bytes);
      this.#take(origin, flows, 'UPDATE');
      return stats;
    } catch (error) {
      this.#refuse(origin, counts, error);
      return [];
    }
  }

  /** Takes the answer to the question for all flows: what else was known of the agent's is over. */
  answer(origin: string, body: Body): void {
    const { messages, counts } = this.#readerOf(origin);
    try {
      const { status, sets } = replyOf(body);
      const flows = messages.tables(status, sets);
      this.#take(origin, flows, 'REFRESH');
      this.parts.services().flows.live.keepOnly(origin, new Set(flows.map(({ flow }) => flow.UUID)));
    } catch (error) {
      this.#refuse(origin, counts, error);
    }
  }

  #readerOf(origin: string): { readonly messages: FlowMessages; readonly counts: OldFlowCounts } {
    let reader = this.#readers.get(origin);
    if (reader === undefined) {
      const counts: OldFlowCounts = { flows: 0, refused: 0, unread: new Map(), notStored: 0 };
      reader = { messages: new FlowMessages(counts), counts };
      this.#readers.set(origin, reader);
    }
    return reader;
  }

  #take(origin: string, flows: readonly ReadFlow[], batchKind: FlowBatchKind): void {
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

const homeOf = ({ flow }: ReadFlow): string => `${flow.CaptureID ?? ''} ${flow.NodeTID ?? ''}`;

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
