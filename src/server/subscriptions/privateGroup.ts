import type { Feed } from '../../services/live/feed.js';
import type { Group, GroupOptions } from './group.js';
import type { Subscriber } from './subscriber.js';

/** One subscriber to events that each go on from the one before: the next is read only once its socket has taken the last. */
export class PrivateGroup implements Group {
  readonly #events: AsyncIterator<unknown>;
  readonly size = 1;
  readonly bytes = 0;
  #isWaiting = false;
  #closed = false;

  constructor(
    feed: Feed<unknown>,
    private readonly subscriber: Subscriber,
    private readonly options: GroupOptions,
  ) {
    this.#events = feed[Symbol.asyncIterator]();
    void this.#follow();
  }

  get lag(): number {
    return this.#isWaiting ? 1 : 0;
  }

  leave(): void {
    this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#events.return?.();
    this.subscriber.end();
    this.options.onClose();
  }

  async #follow(): Promise<void> {
    try {
      for (let next = await this.#events.next(); !next.done && !this.#closed; next = await this.#events.next()) {
        const payload = await this.options.serialize(next.value);
        if (this.#closed) break;
        this.options.counters.events += 1;
        this.subscriber.write(payload);
        this.#isWaiting = true;
        await this.subscriber.wire.untilDrained();
        this.#isWaiting = false;
      }
    } catch (error) {
      this.subscriber.fail(error);
    }
    this.close();
  }
}
