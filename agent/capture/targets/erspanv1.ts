import { crc32 } from 'node:zlib';
import ipaddr from 'ipaddr.js';
import { CanopyError } from '../../../src/common/errors.js';
import type { PacketSink } from '../../../src/flow/packetBatch.js';
import { LINUX } from '../../linux/abi.js';
import { connectRaw } from '../../linux/inetSocket.js';
import { raw, sys } from '../../linux/syscall.js';
import { readPeer } from '../ownTraffic.js';

/**
 * Mirrors packets to another host: ERSPAN type II over GRE (draft-foschiano-erspan-03 §4), which Skydive calls erspanv1 (flows.md §4.4). What was captured of a
 * packet is sent, with its check sequence.
 */

const IPPROTO_GRE = 47;
const GRE_BYTES = 8;
/** The sequence number is there; the draft asks for it. */
const GRE_SEQUENCE = 0x1000;
const ERSPAN_II = 0x88be;
const ERSPAN_BYTES = 8;
const VERSION = 1;
const SESSION = 1;
/** The frame carries its VLAN tag (En), and was cut (T). */
const FLAGS = (3 << 11) | (1 << 10);
const CRC_BYTES = 4;
const TAG_BYTES = 4;
const MAC_BYTES = 12;
const MOST_BYTES = 65_000;

export interface PacketMirror extends PacketSink {
  /** Packets that could not be sent. */
  readonly unsent: number;
  readonly sent: number;
  close(): void;
}

/** Throws `BAD_INPUT` for a target that is no IPv4 address, `UNAVAILABLE` for one to which no route leads. */
export function openMirror(target: string, interfaceIndex: number): PacketMirror {
  const peer = readPeer(target);
  if (peer === undefined || !ipaddr.IPv4.isValid(peer.address))
    throw new CanopyError('BAD_INPUT', `the target ${JSON.stringify(target)} is no IPv4 address, as erspanv1 needs`);
  const fd = connectRaw(peer.address, IPPROTO_GRE);
  const memory = Buffer.alloc(GRE_BYTES + ERSPAN_BYTES + MOST_BYTES + TAG_BYTES + CRC_BYTES);
  memory.writeUInt16BE(GRE_SEQUENCE, 0);
  memory.writeUInt16BE(ERSPAN_II, 2);
  memory.writeUInt16BE(FLAGS | SESSION, GRE_BYTES + 2);
  memory.writeUInt32BE(interfaceIndex & 0xfffff, GRE_BYTES + 4);
  let sent = 0;
  let unsent = 0;
  return {
    packet(bytes, offset, capturedLength, _wireLength, _timeMs, _nanos, _linkType, vlanTag) {
      const frame = GRE_BYTES + ERSPAN_BYTES;
      const captured = Math.min(capturedLength, MOST_BYTES);
      const hasTag = vlanTag !== 0 && captured >= MAC_BYTES;
      let end = frame;
      const put = (from: number, to: number): void => {
        memory.set(bytes.subarray(offset + from, offset + to), end);
        end += to - from;
      };
      put(0, hasTag ? MAC_BYTES : captured);
      if (hasTag) {
        memory.writeUInt32BE(vlanTag, end);
        end += TAG_BYTES;
        put(MAC_BYTES, captured);
      }
      memory.writeUInt16BE((VERSION << 12) | (vlanTag & 0xfff), GRE_BYTES);
      memory.writeUInt32BE(sent >>> 0, 4);
      memory.writeUInt32BE(crc32(memory.subarray(frame, end)), end);
      if (raw.send(fd, memory, end + CRC_BYTES, LINUX.MSG_DONTWAIT) < 0) unsent++;
      else sent++;
    },
    get sent() {
      return sent;
    },
    get unsent() {
      return unsent;
    },
    close: () => void sys.close(fd),
  };
}
