/** Protocols above UDP that end a path: NTP (RFC 5905), RMCP and ASF (DMTF DSP0136), sFlow version 5. */

import type { Cursor } from './cursor.js';
import { LAYER, STOP } from './layers.js';

const NTP_LENGTH = 48;

export function decodeNtp(at: Cursor): number {
  if (at.remaining < NTP_LENGTH) return at.broken(LAYER.NTP);
  at.layer(LAYER.NTP, at.remaining);
  return STOP;
}

const RMCP_LENGTH = 4;
const RMCP_CLASS_ASF = 6;

export function decodeRmcp(at: Cursor): number {
  if (at.remaining < RMCP_LENGTH) return at.broken(LAYER.RMCP);
  const kind = at.u8(3) & 0x0f;
  return at.layer(LAYER.RMCP, RMCP_LENGTH) && kind === RMCP_CLASS_ASF ? LAYER.ASF : STOP;
}

const ASF_LENGTH = 8;
const ASF_ENTERPRISE = 4542;
const ASF_PRESENCE_PONG = 0x40;

export function decodeAsf(at: Cursor): number {
  if (at.remaining < ASF_LENGTH) return at.broken(LAYER.ASF);
  const pong = at.i32(0) === ASF_ENTERPRISE && at.u8(4) === ASF_PRESENCE_PONG;
  return at.layer(LAYER.ASF, ASF_LENGTH) && pong ? LAYER.ASFPresencePong : STOP;
}

const PONG_LENGTH = 16;

export function decodePresencePong(at: Cursor): number {
  if (at.remaining < PONG_LENGTH) return at.broken(LAYER.ASFPresencePong);
  at.layer(LAYER.ASFPresencePong, PONG_LENGTH);
  return STOP;
}

const SFLOW_IPV4_AGENT = 1;
const SFLOW_SAMPLE_HEADER_LENGTH = 8;

/** Samples: flow, counter, and both expanded. */
const SFLOW_LAST_SAMPLE_TYPE = 4;

export function decodeSflow(at: Cursor): number {
  if (at.remaining < 8) return at.broken(LAYER.SFlow);
  const header = at.i32(4) === SFLOW_IPV4_AGENT ? 28 : 40;
  if (at.remaining < header) return at.broken(LAYER.SFlow);
  const samples = at.i32(header - 4) >>> 0;
  if (samples === 0 || samples > at.remaining) return at.broken(LAYER.SFlow);
  let sample = header;
  for (let count = samples; count > 0; count--) {
    if (sample + SFLOW_SAMPLE_HEADER_LENGTH > at.remaining) return at.broken(LAYER.SFlow);
    const type = at.i32(sample) & 0xfff;
    if (type < 1 || type > SFLOW_LAST_SAMPLE_TYPE) return at.broken(LAYER.SFlow);
    sample += SFLOW_SAMPLE_HEADER_LENGTH + (at.i32(sample + 4) >>> 0);
  }
  if (sample > at.remaining) return at.broken(LAYER.SFlow);
  at.layer(LAYER.SFlow, at.remaining);
  return STOP;
}
