import type { Standing } from './liveFlows.js';

/** Bytes of batches that are kept for who comes back: some ten thousand flows that ended. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Flows of one batch that ended with it. */
interface Ended {
  readonly flows: readonly Standing[];
  readonly bytes: number;
}

/** Flows that are in no table any more, for subscribers who come back and have not heard their end. */
export class EndedFlows {
  private readonly batches: Ended[] = [];
  private bytes = 0;
  /** Place of the newest flow of which the last word is not kept: who comes back from before it has missed something. */
  private forgotten = 0;

  get floor(): number {
    return this.forgotten;
  }

  add(flows: readonly Standing[], bytes: number): void {
    if (flows.length === 0) return;
    this.batches.push({ flows, bytes });
    this.bytes += bytes;
    let gone = 0;
    while (this.bytes > MOST_BYTES) {
      const oldest = this.batches[gone]!;
      gone += 1;
      this.bytes -= oldest.bytes;
      this.forget(oldest.flows.at(-1)!.place);
    }
    if (gone > 0) this.batches.splice(0, gone);
  }

  /** A flow of this place went without a last word. */
  forget(place: number): void {
    this.forgotten = Math.max(this.forgotten, place);
  }

  *since(place: number): Generator<Standing> {
    for (const { flows } of this.batches) for (const flow of flows) if (flow.place > place) yield flow;
  }
}
