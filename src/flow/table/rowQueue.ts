import { HOT, hotAt, type FlowColumns } from './columns.js';

/** Rows that were taken out of the index, first in first out. The queue runs through their hash words, which nobody asks for any more. */
export class RowQueue {
  size = 0;
  private first = -1;
  private last = -1;

  constructor(private readonly columns: FlowColumns) {}

  push(row: number): void {
    if (this.size === 0) this.first = row;
    else this.columns.hot(this.last)[hotAt(this.last) + HOT.hash] = row;
    this.last = row;
    this.size++;
  }

  /** Takes the first row out; there has to be one. */
  shift(): number {
    const row = this.first;
    this.first = this.columns.hot(row)[hotAt(row) + HOT.hash]!;
    this.size--;
    return row;
  }
}
