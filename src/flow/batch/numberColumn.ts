import { COLUMN_HEADER, widthOf } from './columns.js';

/** A column of numbers while it is filled: it knows at any time how many bytes it will take. */
export class NumberColumnWriter {
  private values = new Float64Array(256);
  private smallest = Infinity;
  private largest = -Infinity;
  private allIntegers = true;
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const longer = new Float64Array(this.length * 2);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length++] = value;
    if (value < this.smallest) this.smallest = value;
    if (value > this.largest) this.largest = value;
    if (this.allIntegers && !Number.isSafeInteger(value)) this.allIntegers = false;
  }

  private get width(): 0 | 1 | 2 | 4 | 8 {
    return this.length === 0 ? 0 : widthOf(this.smallest, this.largest, this.allIntegers);
  }

  get bytes(): number {
    return COLUMN_HEADER + this.width * this.length;
  }

  /** Writes the column at `at` and answers the position behind it. */
  write(view: DataView, at: number): number {
    const { width, length, values } = this;
    // Floats are written as they are: taking something off could lose digits.
    const base = width === 8 || length === 0 ? 0 : this.smallest;
    view.setUint8(at, width);
    view.setFloat64(at + 1, base, true);
    let to = at + COLUMN_HEADER;
    for (let row = 0; row < length; row++, to += width) {
      const value = values[row]! - base;
      if (width === 1) view.setUint8(to, value);
      else if (width === 2) view.setUint16(to, value, true);
      else if (width === 4) view.setUint32(to, value, true);
      else if (width === 8) view.setFloat64(to, value, true);
    }
    return to;
  }

  clear(): void {
    this.length = 0;
    this.smallest = Infinity;
    this.largest = -Infinity;
    this.allIntegers = true;
  }
}
