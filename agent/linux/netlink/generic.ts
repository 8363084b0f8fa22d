import { LINUX, SIZE } from '../abi.js';
import { setSocketOption, sys } from '../syscall.js';
import { attribute, eachAttribute, readU16, text } from './message.js';
import { RouteRequests } from './requests.js';

/** Generic netlink: families that modules of the kernel bring, under numbers given when they are loaded (linux/genetlink.h). */

const HEADER_SIZE = SIZE['struct genlmsghdr'];
/** Bytes that the kernel may hold for us of one answer. */
const RECEIVE_BUFFER = 256 * 1024;

/** `struct genlmsghdr`: what is asked of a family. */
export function genericHeader(command: number, version = 1): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header[0] = command;
  header[1] = version;
  return header;
}

/** Attributes of an answer begin behind its header. */
export const GENERIC_ATTRIBUTES = HEADER_SIZE;

/** Opens a socket for questions in the namespace in which the thread is now, where it stays. Whoever opened it closes it. Throws `SYSTEM_CALL`. */
export function openGenericRequests(): RouteRequests {
  const fd = sys.socket(LINUX.AF_NETLINK, LINUX.SOCK_RAW | LINUX.SOCK_CLOEXEC, LINUX.NETLINK_GENERIC);
  try {
    setSocketOption(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVBUF, RECEIVE_BUFFER);
    return new RouteRequests(fd, 'generic netlink');
  } catch (error) {
    sys.close(fd);
    throw error;
  }
}

/** Number of the family; `undefined` while no module has brought it. */
export function familyNumber(requests: RouteRequests, name: string): number | undefined {
  const answer = requests.get({
    type: LINUX.GENL_ID_CTRL,
    header: genericHeader(LINUX.CTRL_CMD_GETFAMILY),
    attributes: [attribute(LINUX.CTRL_ATTR_FAMILY_NAME, text(name))],
  });
  return answer === undefined ? undefined : decodeFamilyNumber(answer.body);
}

/** `undefined` when the bytes name none. */
export function decodeFamilyNumber(body: Buffer): number | undefined {
  let number: number | undefined;
  eachAttribute(body, GENERIC_ATTRIBUTES, body.length, (type, at, length) => {
    if (type === LINUX.CTRL_ATTR_FAMILY_ID) number = readU16(body, at, length);
  });
  // Smaller ones are the framing's own.
  return number === undefined || number < LINUX.GENL_ID_CTRL ? undefined : number;
}
