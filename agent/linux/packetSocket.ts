import { constants } from 'node:os';
import { LINUX } from './abi.js';
import { PACKET, PACKET_OFFSET, PACKET_SIZE } from './packetAbi.js';
import { setSlowly, type Steps } from './slowCalls.js';
import { addressOf, check, getSocketOptionBytes, raw, setSocketOption, setSocketOptionBytes, sys } from './syscall.js';

/** Sockets of packets, packet(7). Each function works on the namespace in which the socket was opened. */

/** Opens a socket that receives nothing until it is bound: with a protocol given here, packets of all interfaces would come in at once. Needs NET_RAW. */
export const openPacketSocket = (): number => sys.socket(PACKET.AF_PACKET, LINUX.SOCK_RAW | LINUX.SOCK_CLOEXEC, 0);

/** Puts the offload header before each packet; `false` on kernels that cannot. To be called before the ring is made. */
export const wantOffloadHeader = (fd: number): boolean => tryOption(fd, PACKET.PACKET_VNET_HDR, 1);

/** Leaves out what this host sends on the interface; `false` on kernels before 4.20. */
export const ignoreOutgoing = (fd: number): boolean => tryOption(fd, PACKET.PACKET_IGNORE_OUTGOING, 1);

/** Sends without the queue of the interface; where that cannot be had it sends with it. */
export const bypassQueue = (fd: number): boolean => tryOption(fd, PACKET.PACKET_QDISC_BYPASS, 1);

function tryOption(fd: number, option: number, value: number): boolean {
  const memory = Buffer.alloc(4);
  memory.writeInt32LE(value);
  return raw.setsockopt(fd, PACKET.SOL_PACKET, option, memory, memory.length) >= 0;
}

/** Attaches a classic filter, eight bytes an instruction, in place of the one before; the kernel checks it. */
export const attachFilter = (fd: number, instructions: Buffer): void =>
  setSocketOptionBytes(fd, LINUX.SOL_SOCKET, PACKET.SO_ATTACH_FILTER, programAt(instructions));

/** `struct sock_fprog`, which points to the instructions. */
function programAt(instructions: Buffer): Buffer {
  const program = Buffer.alloc(PACKET_SIZE['struct sock_fprog']);
  const { len, filter } = PACKET_OFFSET['struct sock_fprog'];
  program.writeUInt16LE(instructions.length / PACKET_SIZE['struct sock_filter'], len);
  program.writeBigUInt64LE(addressOf(instructions), filter);
  return program;
}

/**
 * Makes a bound socket a member of a fanout group of its namespace and interface, each packet of which goes to one member: the one that the group's program
 * names by its place, the first one before there is a program. Answers the group's number; `undefined` makes a new one, and where the kernel has none to
 * give (before 4.12) the answer is `undefined`.
 *
 * To be called before packets count: the kernel takes a socket out of the interface's list before it puts its group in, and a packet that comes between is lost and
 * not counted. Of 900 sockets that joined while 760,000 packets/s arrived, 64 lost one. A group of one costs 11 ns a packet, its filter 15 (SO_ATTACH_FILTER).
 */
export function joinFanout(fd: number, group: number | undefined): number | undefined {
  const memory = Buffer.alloc(4);
  if (group !== undefined) {
    memory.writeUInt32LE(((PACKET.PACKET_FANOUT_CBPF << 16) | group) >>> 0);
    setSocketOptionBytes(fd, PACKET.SOL_PACKET, PACKET.PACKET_FANOUT, memory);
    return group;
  }
  memory.writeUInt32LE(((PACKET.PACKET_FANOUT_CBPF | PACKET.PACKET_FANOUT_FLAG_UNIQUEID) << 16) >>> 0);
  if (raw.setsockopt(fd, PACKET.SOL_PACKET, PACKET.PACKET_FANOUT, memory, memory.length) < 0) return undefined;
  return getSocketOptionBytes(fd, PACKET.SOL_PACKET, PACKET.PACKET_FANOUT, 4).readUInt16LE();
}

/** Gives the member's group another program. Where it had one before, no packet goes by that any more when this has returned. */
export function* steerFanout(fd: number, instructions: Buffer): Steps<void> {
  yield* setSlowly(fd, PACKET.PACKET_FANOUT_DATA, programAt(instructions), instructions);
}

/** Attaches a loaded program of the type `SOCKET_FILTER`; it goes with the socket. */
export const attachProgram = (fd: number, program: number): void => setSocketOption(fd, LINUX.SOL_SOCKET, PACKET.SO_ATTACH_BPF, program);

/** Begins to receive all protocols on one interface. */
export const bindToInterface = (fd: number, index: number): void => bindAll(fd, index, PACKET.ETH_P_ALL);

/** Sends on one interface from now on, and receives nothing. */
export const bindToSend = (fd: number, index: number): void => bindAll(fd, index, 0);

function bindAll(fd: number, index: number, protocol: number): void {
  const address = Buffer.alloc(PACKET_SIZE['struct sockaddr_ll']);
  const { sll_family, sll_protocol, sll_ifindex } = PACKET_OFFSET['struct sockaddr_ll'];
  address.writeUInt16LE(PACKET.AF_PACKET, sll_family);
  address.writeUInt16BE(protocol, sll_protocol);
  address.writeInt32LE(index, sll_ifindex);
  sys.bind(fd, address, address.length);
}

/** Has the interface receive what is not addressed to it, for as long as the socket is open. */
export function bePromiscuous(fd: number, index: number): void {
  const request = Buffer.alloc(PACKET_SIZE['struct packet_mreq']);
  const { mr_ifindex, mr_type } = PACKET_OFFSET['struct packet_mreq'];
  request.writeInt32LE(index, mr_ifindex);
  request.writeUInt16LE(PACKET.PACKET_MR_PROMISC, mr_type);
  setSocketOptionBytes(fd, PACKET.SOL_PACKET, PACKET.PACKET_ADD_MEMBERSHIP, request);
}

/** What went through a socket since the last reading, which resets it. */
export interface PacketCounts {
  /** Handed over to us, those that were lost not among them. */
  readonly received: number;
  /** Lost because there was no room. */
  readonly dropped: number;
}

export function readPacketCounts(fd: number): PacketCounts {
  const counts = getSocketOptionBytes(fd, PACKET.SOL_PACKET, PACKET.PACKET_STATISTICS, PACKET_SIZE['struct tpacket_stats_v3']);
  const { tp_packets, tp_drops } = PACKET_OFFSET['struct tpacket_stats_v3'];
  const dropped = counts.readUInt32LE(tp_drops);
  // The kernel counts what it lost among the packets too.
  return { received: counts.readUInt32LE(tp_packets) - dropped, dropped };
}

/** The error that waits on a socket, `ENETDOWN` for one; 0 when there is none. Reading takes it away. */
export const pendingError = (fd: number): number => getSocketOptionBytes(fd, LINUX.SOL_SOCKET, PACKET.SO_ERROR, 4).readInt32LE();

/** Hands one frame to the interface; waits a little when its queue is full. Throws `SYSTEM_CALL`. */
export function sendFrame(fd: number, frame: Buffer): void {
  for (let attempt = 0; ; attempt++) {
    const sent = raw.send(fd, frame, frame.length, 0);
    if (sent !== -constants.errno.ENOBUFS || attempt === SEND_ATTEMPTS) return void check('send', sent, [fd, frame, frame.length]);
    Atomics.wait(PAUSE, 0, 0, 1);
  }
}

/** Milliseconds, as many attempts: a full queue of an interface empties faster. */
const SEND_ATTEMPTS = 50;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
