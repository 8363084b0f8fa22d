import { CanopyError } from '../../common/errors.js';

/** One field as it lies on the wire: a number, or the bytes of a text, of raw data or of a message within. */
export type WireField =
  | { readonly number: number; readonly value: number; readonly bytes?: undefined }
  | { readonly number: number; readonly value?: undefined; readonly bytes: Uint8Array };

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const MOST_VARINT_BYTES = 10;

/** Fields of one message; more is no message of ours. */
const MOST_FIELDS = 100_000;

const damaged = (what: string): CanopyError => new CanopyError('BAD_INPUT', `not protobuf: ${what}`);

/**
 * The fields of a message in the order of the wire (protobuf's encoding, "Message Structure"). Numbers beyond 2^53 lose their low bits;
 * negative ones keep their sign. Throws `BAD_INPUT` for damaged bytes.
 */
export function readWire(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  const at = { position: 0 };
  while (at.position < bytes.length) {
    const tag = readVarint(bytes, at);
    const number = Math.floor(tag / 8);
    if (number < 1 || number > 0x1fff_ffff) throw damaged(`there is no field ${number}`);
    if (fields.length === MOST_FIELDS) throw damaged('too many fields');
    switch (tag % 8) {
      case VARINT:
        fields.push({ number, value: readVarint(bytes, at) });
        break;
      case LENGTH_DELIMITED: {
        const length = readVarint(bytes, at);
        fields.push({ number, bytes: take(bytes, at, length) });
        break;
      }
      case FIXED64:
        take(bytes, at, 8);
        break;
      case FIXED32:
        take(bytes, at, 4);
        break;
      default:
        throw damaged(`a field of type ${tag % 8}`);
    }
  }
  return fields;
}

function take(bytes: Uint8Array, at: { position: number }, length: number): Uint8Array {
  const from = at.position;
  if (!(length >= 0) || from + length > bytes.length) throw damaged('it is cut off');
  at.position += length;
  return bytes.subarray(from, from + length);
}

/** Seven bits a byte, the lowest first. */
function readVarint(bytes: Uint8Array, at: { position: number }): number {
  let value = 0;
  let scale = 1;
  const from = at.position;
  for (let count = 0; count < MOST_VARINT_BYTES; count += 1) {
    const byte = bytes[at.position++];
    if (byte === undefined) throw damaged('it is cut off');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return count < MOST_VARINT_BYTES - 1 ? value : signed(bytes.subarray(from, at.position));
    scale *= 128;
  }
  throw damaged('a number without end');
}

/** A negative number has all of its ten bytes, and too many bits to be added up as above. */
function signed(bytes: Uint8Array): number {
  const bits = bytes.reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n);
  return Number(BigInt.asIntN(64, bits));
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The bytes as text. Throws `BAD_INPUT` for what is none, or longer than allowed. */
export function wireText(bytes: Uint8Array, mostBytes: number): string {
  if (bytes.length > mostBytes) throw damaged(`a text of ${bytes.length} bytes, at most ${mostBytes} are taken`);
  try {
    return decoder.decode(bytes);
  } catch {
    throw damaged('a text that is no UTF-8');
  }
}
