/** What a table may hold of one kind beside its rows, whatever is sent to it. */
export class Budget {
  held = 0;
  /** How often there was no room. */
  refused = 0;

  constructor(readonly most: number) {}

  /** Takes so much; `false`, and counted, when it is not there. */
  take(amount: number): boolean {
    if (this.held + amount > this.most) {
      this.refused++;
      return false;
    }
    this.held += amount;
    return true;
  }

  give(amount: number): void {
    this.held -= amount;
  }
}

/** What the flows of one table share. */
export interface TableBudgets {
  /** Bytes of raw packets that wait for the next update. */
  readonly raw: Budget;
  /** Bytes of extra layers, as they are estimated from their messages. */
  readonly layers: Budget;
  /** TCP segments that wait for earlier ones. */
  readonly segments: Budget;
}

const MIB = 1024 * 1024;
/** About 80 bytes each. */
const MOST_SEGMENTS = 500_000;

export const newBudgets = (): TableBudgets => ({
  raw: new Budget(128 * MIB),
  layers: new Budget(256 * MIB),
  segments: new Budget(MOST_SEGMENTS),
});
