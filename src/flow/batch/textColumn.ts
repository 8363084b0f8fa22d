import { randomInt } from 'node:crypto';
import { foldAddress } from '../table/endHash.js';
import { NumberColumnWriter } from './numberColumn.js';

/** Words that tell two texts apart: what kind of text it is, and up to four that it is made of. */
const KEY_WORDS = 5;

/** The kind of texts without words. */
const TEXT = -1;

/** Texts at the start. A power of two, as always. */
const FIRST_TEXTS = 256;

/** Bytes of a text's length before it. */
const LENGTH_BYTES = 2;

/** A UTF-16 unit takes so many bytes in UTF-8 at most. */
const UNIT_BYTES = 3;

/** UTF-16 units of a text, so that its length fits; no text that we make is nearly as long, and what others say is cut. */
const MOST_UNITS = Math.floor(0xffff / UNIT_BYTES);

/**
 * A column of texts that come again and again, while it is filled: a number each. It is asked by the words of which a text is made, so that
 * a text that was there before is not even put together, and what is kept of the others are bytes: nothing is left to collect.
 */
export class TextColumnWriter<Source> {
  readonly index = new NumberColumnWriter();
  private readonly seed = randomInt(2 ** 32) | 0;
  private count = 0;
  /** Of texts that have no words: what stands for those. */
  private readonly plain = new Map<string, number>();
  /** Of each text, by number. */
  private keys = new Int32Array(FIRST_TEXTS * KEY_WORDS);
  /** Open addressing: numbers plus one, 0 is empty, at most half full. */
  private places = new Int32Array(FIRST_TEXTS * 2);
  private encoded = Buffer.alloc(FIRST_TEXTS * 32);
  private textBytes = 0;

  /** @param textOf makes the text of what has these words */
  constructor(private readonly textOf: (source: Source) => string) {}

  /** Adds a text of which nothing else is known. */
  pushText(source: Source): void {
    const text = this.textOf(source);
    let number = this.plain.get(text);
    if (number === undefined) this.plain.set(text, (number = this.plain.size));
    this.push(source, TEXT, number);
  }

  /** Adds the text that these words stand for: the same words are always the same text. */
  push(source: Source, kind: number, word0: number, word1 = 0, word2 = 0, word3 = 0): void {
    const { keys, places } = this;
    const mask = places.length - 1;
    let place = foldAddress(this.seed ^ kind, word0, word1, word2, word3) & mask;
    for (; places[place] !== 0; place = (place + 1) & mask) {
      const number = places[place]! - 1;
      const key = number * KEY_WORDS;
      if (keys[key] !== kind || keys[key + 1] !== word0 || keys[key + 2] !== word1) continue;
      if (keys[key + 3] === word2 && keys[key + 4] === word3) return this.index.push(number);
    }
    const key = this.count * KEY_WORDS;
    keys[key] = kind;
    keys[key + 1] = word0;
    keys[key + 2] = word1;
    keys[key + 3] = word2;
    keys[key + 4] = word3;
    this.index.push(this.count++);
    places[place] = this.count;
    this.encode(this.textOf(source).slice(0, MOST_UNITS));
    if (this.count * 2 >= places.length) this.grow();
  }

  private encode(text: string): void {
    const needed = this.textBytes + LENGTH_BYTES + text.length * UNIT_BYTES;
    if (needed > this.encoded.length) {
      const longer = Buffer.alloc(needed * 2);
      this.encoded.copy(longer, 0, 0, this.textBytes);
      this.encoded = longer;
    }
    const length = this.encoded.write(text, this.textBytes + LENGTH_BYTES);
    this.encoded.writeUInt16LE(length, this.textBytes);
    this.textBytes += LENGTH_BYTES + length;
  }

  private grow(): void {
    const { keys } = this;
    const keysOfMore = new Int32Array(keys.length * 2);
    keysOfMore.set(keys);
    this.keys = keysOfMore;
    const places = new Int32Array(this.places.length * 2);
    const mask = places.length - 1;
    for (let number = 0; number < this.count; number++) {
      const key = number * KEY_WORDS;
      let place = foldAddress(this.seed ^ keys[key]!, keys[key + 1]!, keys[key + 2]!, keys[key + 3]!, keys[key + 4]!) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = number + 1;
    }
    this.places = places;
  }

  get bytes(): number {
    return 4 + this.textBytes + this.index.bytes;
  }

  /** Writes the column at `from` and answers the position behind it. */
  write(bytes: Uint8Array, view: DataView, from: number): number {
    view.setUint32(from, this.count, true);
    bytes.set(this.encoded.subarray(0, this.textBytes), from + 4);
    return this.index.write(view, from + 4 + this.textBytes);
  }

  clear(): void {
    this.index.clear();
    this.places.fill(0);
    this.plain.clear();
    this.count = 0;
    this.textBytes = 0;
  }
}
