/** Rows of one transaction. Larger ones gain little, and hold the database's memory. */
const MOST = 2_000;

/** How much is written at once: less after a failure, so that a bad row is found by halves, and more again afterwards. */
export class BatchSize {
  #size = MOST;
  /** A batch up to here failed: somewhere before it is the bad row. */
  #suspectThrough = 0;

  /** How much to write after the place. */
  after(place: number): number {
    // Of two halves one has the bad row; when the first goes through it is in the second.
    const half = Math.ceil((this.#suspectThrough - place) / 2);
    return half > 0 ? Math.min(half, this.#size) : this.#size;
  }

  wentThrough(through: number): void {
    if (this.#suspectThrough <= through) this.#size = Math.min(MOST, this.#size * 2);
  }

  /** It was too much at once. */
  wasTooMuch(from: number, through: number): void {
    this.#size = Math.max(1, Math.ceil((through - from) / 2));
  }

  /** One of its rows is bad. Returns whether a smaller batch can tell which. */
  hasBadRow(from: number, through: number): boolean {
    if (through - from <= 1) {
      this.#suspectThrough = 0;
      this.#size = MOST;
      return false;
    }
    this.#suspectThrough = through;
    this.wasTooMuch(from, through);
    return true;
  }
}
