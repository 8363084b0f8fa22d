import type { Feed } from '../../services/live/feed.js';
import { WRITES_PER_TURN } from './defaults.js';
import type { Group, GroupOptions } from './group.js';
import type { Subscriber } from './subscriber.js';

/** Subscribers of something of which only the newest matters: who is slow gets the newest when it can take it. */
export class StateGroup implements Group {
  /** Who has to get the newest once its socket has drained. */
  readonly #members = new Map<Subscriber, { isWaiting: boolean }>();
  readonly #events: AsyncIterator<unknown>;
  #newest: Buffer | undefined;
  #closed = false;

  constructor(
    feed: Feed<unknown>,
    private readonly options: GroupOptions,
  ) {
    this.#events = feed[Symbol.asyncIterator]();
    void this.#follow();
  }

  get size(): number {
    return this.#members.size;
  }

  get lag(): number {
    for (const { isWaiting } of this.#members.values()) if (isWaiting) return 1;
    return 0;
  }

  get bytes(): number {
    return this.#newest?.length ?? 0;
  }

  /** Who joins gets the newest; of samples, what is known, from a reading of its own. */
  join(subscriber: Subscriber, feed: Feed<unknown>): void {
    this.#members.set(subscriber, { isWaiting: false });
    if (this.#newest === undefined) return;
    if (feed.kind === 'state') this.#write(subscriber);
    else void this.#tellKnown(subscriber, feed);
  }

  leave(subscriber: Subscriber): void {
    const wasHere = this.#members.delete(subscriber);
    subscriber.end();
    if (wasHere && this.size === 0) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    void this.#events.return?.();
    for (const subscriber of this.#members.keys()) subscriber.end();
    this.#members.clear();
    this.options.onClose();
  }

  async #follow(): Promise<void> {
    try {
      for (let next = await this.#events.next(); !next.done && !this.#closed; next = await this.#events.next()) {
        this.#newest = await this.options.serialize(next.value);
        this.options.counters.events += 1;
        let written = 0;
        for (const [subscriber, { isWaiting }] of this.#members) {
          if (!isWaiting) this.#write(subscriber);
          if (++written % WRITES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      }
    } catch (error) {
      for (const subscriber of this.#members.keys()) subscriber.fail(error);
    }
    this.close();
  }

  async #tellKnown(subscriber: Subscriber, feed: Feed<unknown>): Promise<void> {
    const events = feed[Symbol.asyncIterator]();
    try {
      const first = await events.next();
      if (!first.done && !subscriber.isOver) subscriber.write(await this.options.serialize(first.value));
    } catch (error) {
      subscriber.fail(error);
    } finally {
      await events.return?.();
    }
  }

  #write(subscriber: Subscriber): void {
    const member = this.#members.get(subscriber);
    if (member === undefined || this.#newest === undefined) return;
    if (subscriber.wire.isClogged) {
      member.isWaiting = true;
      subscriber.wire.onDrained(() => {
        member.isWaiting = false;
        this.#write(subscriber);
      });
      return;
    }
    subscriber.write(this.#newest);
  }
}
