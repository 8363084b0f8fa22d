import { LINUX, OFFSET, SIZE } from '../abi.js';
import { ipText } from './ipAddress.js';
import { eachAttribute, readHardwareAddress, readU16, readU32 } from './message.js';

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
  const isWhole = eachAttribute(body, HEADER_SIZE, (type, value) => {
    switch (type) {
      case LINUX.NDA_DST:
        return void (address = ipText(value));
      case LINUX.NDA_LLADDR:
        return void (hardwareAddress = family === LINUX.AF_BRIDGE ? forwardingAddress(value) : readHardwareAddress(value));
      case LINUX.NDA_VLAN:
        return void (vlan = readU16(value));
      case LINUX.NDA_VNI:
        return void (vni = readU32(value));
      case LINUX.NDA_PORT:
        // In the order of the network.
        return void (port = value.length >= 2 ? value.readUInt16BE(0) : undefined);
    }
  });
  const ifIndex = body.readInt32LE(FIELDS.ndm_ifindex);
  const isNamed = family === LINUX.AF_BRIDGE ? hardwareAddress !== undefined : address !== undefined;
  if (!isWhole || ifIndex <= 0 || !isNamed) return undefined;
  const state = body.readUInt16LE(FIELDS.ndm_state);
  return { family, ifIndex, state, flags: body[FIELDS.ndm_flags]!, address, hardwareAddress, vlan, vni, port };
}

/** In a forwarding table zeros are an address: the entry for everything that is not known. */
const forwardingAddress = (value: Buffer): string | undefined =>
  value.length === 0 ? undefined : (readHardwareAddress(value) ?? value.toString('hex').replace(/..(?!$)/g, '$&:'));

/** Header of a request for all neighbours of a family. */
export function neighborHeader(family: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt8(family, FIELDS.ndm_family);
  return header;
}
