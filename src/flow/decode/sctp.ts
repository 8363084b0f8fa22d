/** SCTP, RFC 9260: a common header and chunks, each a layer of its own; data, and a chunk of a later extension, end the path. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { ENDPOINT } from './slice.js';

const HEADER_LENGTH = 12;
const CHUNK_HEADER_LENGTH = 4;
const DATA_HEADER_LENGTH = 16;
const INIT_HEADER_LENGTH = 20;
const SACK_HEADER_LENGTH = 16;
const PARAMETER_HEADER_LENGTH = 4;
/** Skydive takes half of what RFC 9260 §3.3.4 says for a block, as here only the end of the packet is asked for. */
const GAP_BLOCK_LENGTH = 2;
const DUPLICATE_LENGTH = 4;

/** Layer of each chunk type; 0 for those that Skydive does not name. */
const CHUNKS = new Uint8Array(256);
[
  LAYER.SCTPData,
  LAYER.SCTPInit,
  LAYER.SCTPInitAck,
  LAYER.SCTPSack,
  LAYER.SCTPHeartbeat,
  LAYER.SCTPHeartbeatAck,
  LAYER.SCTPAbort,
  LAYER.SCTPShutdown,
  LAYER.SCTPShutdownAck,
  LAYER.SCTPError,
  LAYER.SCTPCookieEcho,
  LAYER.SCTPCookieAck,
].forEach((layer, type) => (CHUNKS[type] = layer));
CHUNKS[14] = LAYER.SCTPShutdownComplete;

export function decodeSctp(at: Cursor): number {
  if (at.remaining < HEADER_LENGTH) return at.broken(LAYER.SCTP);
  const slice = at.slice;
  if (slice.transport === 0) {
    slice.transport = ENDPOINT.sctp;
    slice.sourcePort = at.u16(0);
    slice.targetPort = at.u16(2);
  }
  return at.layer(LAYER.SCTP, HEADER_LENGTH) ? LAYER.SCTPChunk : STOP;
}

/** Bytes that a chunk of a kind has at least. */
function fixedLength(layer: number): number {
  if (layer === LAYER.SCTPInit || layer === LAYER.SCTPInitAck) return INIT_HEADER_LENGTH;
  if (layer === LAYER.SCTPSack) return SACK_HEADER_LENGTH;
  return layer === LAYER.SCTPShutdown ? 2 * CHUNK_HEADER_LENGTH : CHUNK_HEADER_LENGTH;
}

const padded = (length: number): number => (length + 3) & ~3;

/** Whether the parameters that fill the chunk from `from` to `to` are whole, each with its padding inside of the chunk. */
function parametersAreWhole(at: Cursor, from: number, to: number): boolean {
  let next = from;
  while (next + PARAMETER_HEADER_LENGTH <= to) {
    const length = at.u16(next + 2);
    if (length < PARAMETER_HEADER_LENGTH) return false;
    next += padded(length);
  }
  return next === to;
}

/** Whether what a chunk says about its own inside holds; `length` without padding. */
function insideIsWhole(at: Cursor, layer: number, length: number): boolean {
  switch (layer) {
    case LAYER.SCTPInit:
    case LAYER.SCTPInitAck:
      return parametersAreWhole(at, INIT_HEADER_LENGTH, padded(length));
    case LAYER.SCTPSack:
      return SACK_HEADER_LENGTH + at.u16(12) * GAP_BLOCK_LENGTH + at.u16(14) * DUPLICATE_LENGTH <= at.remaining;
    case LAYER.SCTPHeartbeat:
    case LAYER.SCTPHeartbeatAck:
    case LAYER.SCTPAbort:
    case LAYER.SCTPError:
      return parametersAreWhole(at, CHUNK_HEADER_LENGTH, length);
    default:
      return true;
  }
}

export function decodeSctpChunk(at: Cursor): number {
  if (at.remaining < CHUNK_HEADER_LENGTH) return at.broken(LAYER.SCTP);
  const layer = CHUNKS[at.u8(0)]!;
  if (layer === 0) return STOP;
  const length = at.u16(2);
  if (length < CHUNK_HEADER_LENGTH) return at.broken(layer);
  if (layer === LAYER.SCTPData) {
    if (at.remaining < DATA_HEADER_LENGTH) return at.broken(layer);
    at.layer(layer, DATA_HEADER_LENGTH);
    return STOP;
  }
  if (padded(length) > at.remaining || length < fixedLength(layer) || !insideIsWhole(at, layer, length)) return at.broken(layer);
  return at.layer(layer, padded(length)) ? LAYER.SCTPChunk : STOP;
}
