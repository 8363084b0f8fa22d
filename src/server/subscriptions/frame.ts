/** WebSocket frames, RFC 6455 §5.2, of the one kind a server sends here: a whole text message, not masked. */

const FINAL_TEXT = 0x81;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** What stands before a payload that everybody shares: the frame's header and the start of the message with the subscriber's own id. */
export function frameHead(opening: Buffer, payloadLength: number, room = 0): Buffer {
  const length = opening.length + payloadLength;
  const headerLength = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : 10;
  const head = Buffer.allocUnsafe(headerLength + opening.length + room);
  head[0] = FINAL_TEXT;
  if (headerLength === 2) head[1] = length;
  else if (headerLength === 4) {
    head[1] = LENGTH_16;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = LENGTH_64;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  opening.copy(head, headerLength);
  return head;
}

/** The start of a `next` message of graphql-transport-ws for one operation; the shared payload and its closing brace follow. */
export const openingOf = (id: string): Buffer => Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);

/** The rest of the message: the same bytes for every subscriber. */
export const payloadOf = (result: object): Buffer => Buffer.from(`${JSON.stringify(result)}}`);
