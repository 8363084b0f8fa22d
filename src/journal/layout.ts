/**
 * Where everything lies in the tables of the journal, format 1. Numbers in keys are big-endian, so that bytes order as numbers do.
 *
 * | table    | key                              | value |
 * |----------|----------------------------------|-------|
 * | meta     | name                             | `structures/0` and `/1` (`codec.ts`), `alive` (`aliveMark.ts`), `oldest` (`horizon.ts`), `indexed` (`elementIndex.ts`) |
 * | epochs   | epoch u32                        | firstSeq f64, startedAt f64 |
 * | ordinals | ordinal u32                      | parent ordinal u32, child ordinal u32, id |
 * | ids      | kind u8, digest or id            | ordinal u32 |
 * | blocks   | firstSeq u48                     | headers of up to 256 changes in a row (`block.ts`) |
 * | marks    | at u48 of the block's first, firstSeq u48 | empty byte: which block an instant falls into |
 * | bodies   | seq u48                          | the change (`body.ts`) |
 * | index    | ordinal u32, seq u48             | op u8: one element's changes in order, up to `indexed`; ordinal 0 has the coverage |
 * | rows     | ordinal u32, table, row, seq u48 | a row after the change, or nothing when it went (`rows.ts`) |
 * | progress | origin                           | incarnation, last delta |
 * | anchors  | seq u48, chunk u32               | which revision each ordinal had after the change `seq` (`anchor.ts`) |
 * | counts   | minute u32                       | added u32, updated u32, removed u32, crc u32 |
 *
 * Every value but the empty ones ends in, or begins with, a CRC-32 of the rest.
 */

import { crc32 } from 'node:zlib';
import { CanopyError } from '../common/errors.js';

/** Version of this layout; a folder with a greater one is refused. */
export const DATA_FORMAT = 1;

/** Widths in keys. 2^48 changes last for 400 years at 20,000 a second. */
const SEQ_BYTES = 6;

/** LMDB takes keys up to 1978 bytes; what could be longer is cut to a digest well below. */
export const LONGEST_TEXT_IN_KEY = 400;

export function seqKey(seq: number): Buffer {
  const key = Buffer.allocUnsafe(SEQ_BYTES);
  key.writeUIntBE(seq, 0, SEQ_BYTES);
  return key;
}
export const seqOfKey = (key: Buffer, at = 0): number => key.readUIntBE(at, SEQ_BYTES);

export function u32Key(value: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  key.writeUInt32BE(value, 0);
  return key;
}

/** (ordinal, seq) of the index. */
export function indexKey(ordinal: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(4 + SEQ_BYTES);
  key.writeUInt32BE(ordinal, 0);
  key.writeUIntBE(seq, 4, SEQ_BYTES);
  return key;
}

/** (at, firstSeq) of a block's time mark. */
export function markKey(at: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(2 * SEQ_BYTES);
  key.writeUIntBE(at, 0, SEQ_BYTES);
  key.writeUIntBE(seq, SEQ_BYTES, SEQ_BYTES);
  return key;
}

/** (seq, chunk) of an anchor. */
export function anchorKey(seq: number, chunk: number): Buffer {
  const key = Buffer.allocUnsafe(SEQ_BYTES + 4);
  key.writeUIntBE(seq, 0, SEQ_BYTES);
  key.writeUInt32BE(chunk, SEQ_BYTES);
  return key;
}

export const textKey = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Greatest number that fits a `seq` in a key. */
export const LAST_SEQ = 2 ** 48 - 1;

/** Puts the checksum in front. */
export function seal(content: Buffer): Buffer {
  const sealed = Buffer.allocUnsafe(content.length + 4);
  sealed.writeUInt32LE(crc32(content), 0);
  content.copy(sealed, 4);
  return sealed;
}

/** Content of a sealed value, the same bytes without the checksum. Throws `DATA_DAMAGED`, naming `what`, when they were changed. */
export function unseal(sealed: Buffer, what: () => string): Buffer {
  if (sealed.length < 4) throw damaged(what());
  const content = sealed.subarray(4);
  if (crc32(content) !== sealed.readUInt32LE(0)) throw damaged(what());
  return content;
}

export const damaged = (what: string, cause?: unknown): CanopyError =>
  new CanopyError(
    'DATA_DAMAGED',
    `The data folder is damaged: ${what}. Stop the analyzer and run \`canopy doctor --repair\`, which keeps all that is readable.`,
    {
      details: { damaged: what },
      cause,
    },
  );
