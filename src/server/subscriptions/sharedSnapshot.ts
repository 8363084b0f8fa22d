import type { Position } from '../../graph/position.js';
import type { TopologyFeed } from '../../services/live/topologyFeed.js';
import { SHARED_SNAPSHOT_BYTES, SHARED_SNAPSHOT_MS } from './defaults.js';
import type { GroupOptions } from './group.js';

/** The pages of one picture, ready to be sent, and the place in the log that they are of. */
export interface SnapshotPages {
  readonly position: Position;
  readonly pages: readonly Buffer[];
  readonly bytes: number;
}

/** The picture that many who join at about the same time get: made once, shared for a moment, and not at all where it is large. */
export class SharedSnapshot {
  #pages: Promise<SnapshotPages | undefined> | undefined;
  #bytes = 0;
  #isTooLarge = false;

  constructor(
    private readonly feed: TopologyFeed,
    private readonly options: Pick<GroupOptions, 'clock' | 'serialize'>,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** `undefined` where the picture is too large to be kept: then everybody reads it alone. */
  get(): Promise<SnapshotPages | undefined> {
    if (this.#isTooLarge) return Promise.resolve(undefined);
    this.#pages ??= this.#make().finally(() => this.options.clock.after(SHARED_SNAPSHOT_MS, () => this.#forget()));
    return this.#pages;
  }

  #forget(): void {
    this.#pages = undefined;
    this.#bytes = 0;
  }

  async #make(): Promise<SnapshotPages | undefined> {
    const reading = this.feed.read();
    const pages: Buffer[] = [];
    let bytes = 0;
    for await (const page of reading.begin(undefined)) {
      const payload = await this.options.serialize(page);
      bytes += payload.length;
      if (bytes > SHARED_SNAPSHOT_BYTES) {
        this.#isTooLarge = true;
        return undefined;
      }
      pages.push(payload);
      // A page is some milliseconds of work: others get their turn in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#bytes = bytes;
    return { position: reading.position, pages, bytes };
  }
}
