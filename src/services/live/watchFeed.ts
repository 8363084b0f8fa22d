import { Alarm } from './alarm.js';
import { closable } from './closable.js';
import type { Feed, WatchStream } from './feed.js';
import type { ChangeLog } from './log.js';

/** A value that is read again and again, and sent when it differs from what was sent last. The first is sent at once. */
export class WatchFeed<Value> implements Feed<Value> {
  readonly kind = 'state';

  constructor(
    private readonly log: ChangeLog,
    private readonly stream: WatchStream<Value>,
  ) {}

  [Symbol.asyncIterator](): AsyncGenerator<Value> {
    const alarm = new Alarm(this.log.clock);
    return closable(this.#run(alarm), () => alarm.close());
  }

  async *#run(alarm: Alarm): AsyncGenerator<Value> {
    const { everyMs, quietMs } = this.stream;
    let sent: string | undefined;
    while (!alarm.isClosed) {
      const seen = this.log.position().seq;
      const value = await this.stream.read();
      try {
        const fingerprint = this.stream.fingerprint(value);
        if (alarm.isClosed) return;
        if (fingerprint !== sent) {
          sent = fingerprint;
          yield value;
        }
      } finally {
        this.stream.release?.(value);
      }
      await alarm.sleep(everyMs);
      if (quietMs !== undefined) await this.#untilChanged(seen, quietMs, alarm);
    }
  }

  async #untilChanged(seen: number, quietMs: number, alarm: Alarm): Promise<void> {
    const until = this.log.clock.monotonic() + quietMs;
    const stop = this.log.sources.recorder.onChanges(() => alarm.ring());
    try {
      for (let left = quietMs; left > 0; left = until - this.log.clock.monotonic()) {
        if (alarm.isClosed || this.log.position().seq !== seen) return;
        await alarm.sleep(left);
      }
    } finally {
      stop();
    }
  }
}
