import type { Position } from '../../graph/position.js';
import { closable } from './closable.js';
import type { ResyncNeeded, TopologyEvent } from './events.js';
import type { Feed, TopologyStream } from './feed.js';
import type { ChangeLog } from './log.js';
import { checkCursor, TopologyReading } from './topologyReading.js';

/** A stream of the topology: iterated it runs on its own; `read` gives out readings for those who share. */
export class TopologyFeed implements Feed<TopologyEvent> {
  readonly kind = 'log';

  constructor(
    private readonly log: ChangeLog,
    private readonly stream: TopologyStream,
  ) {}

  /** Where this subscriber wants to go on. */
  get after(): Position | undefined {
    return this.stream.after;
  }

  /** What to answer to the cursor that this subscriber came with; `undefined` when it leads on. */
  refusal(): ResyncNeeded | undefined {
    return this.after && checkCursor(this.log, this.after);
  }

  /** A reader of the log for this stream, not yet begun. */
  read(): TopologyReading {
    return new TopologyReading(this.log, this.stream);
  }

  [Symbol.asyncIterator](): AsyncGenerator<TopologyEvent> {
    const reading = this.read();
    const { after } = this.stream;
    async function* run() {
      yield* reading.begin(after);
      yield* reading.follow();
    }
    return closable(run(), () => reading.close());
  }
}
