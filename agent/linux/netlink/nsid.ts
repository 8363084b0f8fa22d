import { LINUX } from '../abi.js';
import { attribute, eachAttribute, number32, readS32 } from './message.js';

/** RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID: `struct rtgenmsg` and NETNSA attributes (linux/net_namespace.h). */

/** `struct rtgenmsg` is one byte; attributes start at the next multiple of four. */
const ATTRIBUTES = 4;

/** The number in the message; `undefined` when there is none or it is -1, "not numbered". */
export function decodeNsId(body: Buffer): number | undefined {
  let nsId: number | undefined;
  if (
    !eachAttribute(
      body,
      ATTRIBUTES,
      body.length,
      (type, at, length) => void (type === LINUX.NETNSA_NSID && (nsId = readS32(body, at, length))),
    )
  )
    return undefined;
  return nsId === undefined || nsId < 0 ? undefined : nsId;
}

/** Header of every request about numbers of namespaces. */
export const nsIdHeader = (): Buffer => Buffer.alloc(1);

/** Asks for the number of the namespace that the descriptor has open. */
export const nsIdOfDescriptor = (fd: number): Buffer => attribute(LINUX.NETNSA_FD, number32(fd));
