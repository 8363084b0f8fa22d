import { LINUX, OFFSET, SIZE } from '../abi.js';
import { ipText } from './ipAddress.js';
import { eachAttribute, readHardwareAddress, readU16, readU16BE, readU32 } from './message.js';

/** RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH: `struct ndmsg` and NDA attributes (linux/neighbour.h). */

const FIELDS = OFFSET['struct ndmsg'];
const HEADER_SIZE = SIZE['struct ndmsg'];

/** A neighbour (ARP, NDP), or with `family` `AF_BRIDGE` an entry of a forwarding table. */
export interface NeighborMessage {
  readonly family: number;
  readonly ifIndex: number;
  /** NUD bits. */
  readonly state: number;
  /** NTF bits. */
  readonly flags: number;
  /** Of a neighbour its own; of a forwarding entry the far end of the tunnel. */
  readonly address: string | undefined;
  readonly hardwareAddress: string | undefined;
  readonly vlan: number | undefined;
  readonly vni: number | undefined;
  /** UDP port of the far end, where it is not the device's own. */
  readonly port: number | undefined;
}

/** `undefined` when the bytes are not a neighbour, `'other'` for one of a family that is not kept. */
export function decodeNeighbor(body: Buffer): NeighborMessage | 'other' | undefined {
  if (body.length < HEADER_SIZE) return undefined;
  const family = body[FIELDS.ndm_family]!;
  if (family !== LINUX.AF_INET && family !== LINUX.AF_INET6 && family !== LINUX.AF_BRIDGE) return 'other';
  let address: string | undefined;
  let hardwareAddress: string | undefined;
  let vlan: number | undefined;
  let vni: number | undefined;
  let port: number | undefined;
  const isWhole = eachAttribute(body, HEADER_SIZE, body.length, (type, at, length) => {
    switch (type) {
      case LINUX.NDA_DST:
        return void (address = ipText(body, at, length));
      case LINUX.NDA_LLADDR:
        return void (hardwareAddress =
          family === LINUX.AF_BRIDGE ? forwardingAddress(body, at, length) : readHardwareAddress(body, at, length));
      case LINUX.NDA_VLAN:
        return void (vlan = readU16(body, at, length));
      case LINUX.NDA_VNI:
        return void (vni = readU32(body, at, length));
      case LINUX.NDA_PORT:
        return void (port = readU16BE(body, at, length));
    }
  });
  const ifIndex = body.readInt32LE(FIELDS.ndm_ifindex);
  const isNamed = family === LINUX.AF_BRIDGE ? hardwareAddress !== undefined : address !== undefined;
  if (!isWhole || ifIndex <= 0 || !isNamed) return undefined;
  const state = body.readUInt16LE(FIELDS.ndm_state);
  return { family, ifIndex, state, flags: body[FIELDS.ndm_flags]!, address, hardwareAddress, vlan, vni, port };
}

/** In a forwarding table zeros are an address: the entry for everything that is not known. */
const forwardingAddress = (bytes: Buffer, at: number, length: number): string | undefined =>
  length === 0 ? undefined : (readHardwareAddress(bytes, at, length) ?? Array(length).fill('00').join(':'));

/** Header of a request for all neighbours of a family. */
export function neighborHeader(family: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(family, FIELDS.ndm_family);
  return header;
}
