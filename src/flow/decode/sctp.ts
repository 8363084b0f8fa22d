/** SCTP, RFC 9260: a common header and chunks, each a layer of its own; data ends the path. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';
import { ENDPOINT } from './slice.js';

const HEADER_LENGTH = 12;
const CHUNK_HEADER_LENGTH = 4;
const DATA_HEADER_LENGTH = 16;
const INIT_HEADER_LENGTH = 20;
const SACK_HEADER_LENGTH = 16;

/** Layer of each chunk type. */
const CHUNKS = new Uint8Array(256).fill(LAYER.SCTPUnknownChunkType);
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

export function decodeSctpChunk(at: Cursor): number {
  if (at.remaining < CHUNK_HEADER_LENGTH) return at.broken(LAYER.SCTP);
  const layer = CHUNKS[at.u8(0)]!;
  const length = at.u16(2);
  if (length < CHUNK_HEADER_LENGTH) return at.broken(layer);
  if (layer === LAYER.SCTPData) {
    if (at.remaining < DATA_HEADER_LENGTH) return at.broken(layer);
    at.layer(layer, DATA_HEADER_LENGTH);
    return STOP;
  }
  const padded = (length + 3) & ~3;
  if (padded > at.remaining || length < fixedLength(layer)) return at.broken(layer);
  return at.layer(layer, padded) ? LAYER.SCTPChunk : STOP;
}
