import { LINUX, OFFSET, SIZE } from '../abi.js';
import { ipText } from './ipAddress.js';
import { eachAttribute, readU32 } from './message.js';

/** RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP: `struct nhmsg` and NHA attributes (linux/nexthop.h). */

const HEADER_SIZE = SIZE['struct nhmsg'];
const MEMBER = OFFSET['struct nexthop_grp'];
const MEMBER_SIZE = SIZE['struct nexthop_grp'];

/** A next-hop object, which routes name by its number. */
export interface NextHopMessage {
  readonly id: number;
  readonly ifIndex: number;
  readonly gateway: string | undefined;
  /** Of a group: numbers of others, with their share. */
  readonly members: readonly { readonly id: number; readonly weight: number }[] | undefined;
}

/** `undefined` when the bytes are not a next hop. */
export function decodeNextHop(body: Buffer): NextHopMessage | undefined {
  if (body.length < HEADER_SIZE) return undefined;
  let id = 0;
  let ifIndex = 0;
  let gateway: string | undefined;
  let members: { id: number; weight: number }[] | undefined;
  const isWhole = eachAttribute(body, HEADER_SIZE, body.length, (type, at, length) => {
    switch (type) {
      case LINUX.NHA_ID:
        return void (id = readU32(body, at, length) ?? 0);
      case LINUX.NHA_OIF:
        return void (ifIndex = readU32(body, at, length) ?? 0);
      case LINUX.NHA_GATEWAY:
        return void (gateway = ipText(body, at, length));
      case LINUX.NHA_GROUP:
        members = [];
        for (let member = at; member + MEMBER_SIZE <= at + length; member += MEMBER_SIZE) {
          members.push({ id: body.readUInt32LE(member + MEMBER.id), weight: body[member + MEMBER.weight]! + 1 });
        }
    }
  });
  return isWhole && id !== 0 ? { id, ifIndex, gateway, members } : undefined;
}

/** Header of a request for all next hops. */
export const nextHopHeader = (): Buffer => Buffer.alloc(HEADER_SIZE);
