import type { Wire } from './wire.js';

/** One operation of one client that receives the events of a group. */
export class Subscriber {
  #ended = false;
  #settle!: { resolve(): void; reject(error: unknown): void };
  /** Resolves when the stream has ended, from either side; rejects with the reason when it failed. */
  readonly ended: Promise<void>;

  constructor(
    readonly wire: Wire,
    /** First bytes of its messages, see `openingOf`. */
    private readonly opening: Buffer,
    private readonly counters: { delivered: number },
  ) {
    this.ended = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
  }

  get isOver(): boolean {
    return this.#ended || !this.wire.isOpen;
  }

  write(payload: Buffer): void {
    if (this.#ended) return;
    this.counters.delivered += 1;
    this.wire.write(this.opening, payload);
  }

  end(): void {
    this.#ended = true;
    this.#settle.resolve();
  }

  fail(error: unknown): void {
    this.#ended = true;
    this.#settle.reject(error);
  }
}
