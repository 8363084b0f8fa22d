import { LINUX, OFFSET, SIZE } from '../abi.js';
import { familyNumber, GENERIC_ATTRIBUTES, genericHeader } from './generic.js';
import { ipText } from './ipAddress.js';
import { attribute, eachAttribute, readU16, readU32, readU8, text } from './message.js';
import { isNotThere, type RouteRequests } from './requests.js';

/** WireGuard over generic netlink: WG_CMD_GET_DEVICE, WGDEVICE, WGPEER and WGALLOWEDIP attributes (linux/wireguard.h). */

const FAMILY = 'wireguard';
const KEY_LENGTH = 32;
const SOCKET_ADDRESS = { 4: OFFSET['struct sockaddr_in'], 6: OFFSET['struct sockaddr_in6'] } as const;
const TIMESPEC_SIZE = SIZE['struct __kernel_timespec'];

/** Networks of one peer that are kept; more of them are only counted. */
export const MOST_ALLOWED_IPS = 1_024;

export interface WireGuardPeer {
  /** Base64, as `wg` shows it. */
  readonly publicKey: string;
  /** `192.0.2.1:51820`, `[2001:db8::1]:51820`; `undefined` until it is known. */
  endpoint: string | undefined;
  /** Seconds; 0 for none. */
  keepalive: number;
  /** Networks behind the peer, the first `MOST_ALLOWED_IPS` of them, and how many there are. */
  readonly allowedIPs: string[];
  allowedIPCount: number;
  /** Milliseconds since the epoch; 0 before the first. */
  lastHandshake: number;
  rxBytes: number;
  txBytes: number;
}

export interface WireGuardDevice {
  /** Base64; `undefined` while the device has no key. */
  publicKey: string | undefined;
  /** UDP port; 0 while none was chosen. */
  listenPort: number;
  /** Mark of its packets; 0 for none. */
  fwmark: number;
  readonly peers: WireGuardPeer[];
}

/** What the device of this name is; `undefined` when there is none, or no module. Needs NET_ADMIN in its namespace: throws `SYSTEM_CALL` otherwise. */
export function readWireGuard(requests: RouteRequests, name: string): WireGuardDevice | undefined {
  const type = familyNumber(requests, FAMILY);
  if (type === undefined) return undefined;
  const bodies: Buffer[] = [];
  const request = { type, header: genericHeader(LINUX.WG_CMD_GET_DEVICE), attributes: [attribute(LINUX.WGDEVICE_A_IFNAME, text(name))] };
  try {
    requests.dumpKept(
      request,
      ({ body }) => bodies.push(body),
      ({ body }) => eraseSecrets(body),
    );
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
  const device = decodeWireGuard(bodies);
  if (device === undefined) requests.malformed++;
  return device;
}

/**
 * Reads the messages of one answer: a device with many peers, or a peer with many networks, goes on in the next one. `undefined` when they are not
 * a device. Keys that are secret are overwritten where they lie: nobody can read them from here, nor from the memory of the agent afterwards.
 */
export function decodeWireGuard(bodies: readonly Buffer[]): WireGuardDevice | undefined {
  const device: WireGuardDevice = { publicKey: undefined, listenPort: 0, fwmark: 0, peers: [] };
  let isWhole = bodies.length > 0;
  // Of all of them, before anything can go wrong.
  for (const body of bodies) eraseSecrets(body);
  for (const body of bodies) {
    if (body.length < GENERIC_ATTRIBUTES) return undefined;
    const isRead = eachAttribute(body, GENERIC_ATTRIBUTES, body.length, (type, at, length) => {
      switch (type) {
        case LINUX.WGDEVICE_A_PUBLIC_KEY:
          return void (device.publicKey = readKey(body, at, length));
        case LINUX.WGDEVICE_A_LISTEN_PORT:
          return void (device.listenPort = readU16(body, at, length) ?? 0);
        case LINUX.WGDEVICE_A_FWMARK:
          return void (device.fwmark = readU32(body, at, length) ?? 0);
        case LINUX.WGDEVICE_A_PEERS:
          isWhole =
            eachAttribute(body, at, at + length, (_index, start, size) => decodePeer(body, start, start + size, device.peers)) && isWhole;
      }
    });
    isWhole = isRead && isWhole;
  }
  return isWhole ? device : undefined;
}

/** Overwrites the device's private key and the keys that it shares with peers. */
function eraseSecrets(body: Buffer): void {
  eachAttribute(body, GENERIC_ATTRIBUTES, body.length, (type, at, length) => {
    if (type === LINUX.WGDEVICE_A_PRIVATE_KEY) body.fill(0, at, at + length);
    if (type !== LINUX.WGDEVICE_A_PEERS) return;
    eachAttribute(body, at, at + length, (_index, peer, size) => {
      eachAttribute(body, peer, peer + size, (inner, start, bytes) => {
        if (inner === LINUX.WGPEER_A_PRESHARED_KEY) body.fill(0, start, start + bytes);
      });
    });
  });
}

/** Adds the peer, or what more there is of the last one. */
function decodePeer(body: Buffer, start: number, end: number, peers: WireGuardPeer[]): void {
  let publicKey: string | undefined;
  eachAttribute(body, start, end, (type, at, length) => {
    if (type === LINUX.WGPEER_A_PUBLIC_KEY) publicKey = readKey(body, at, length);
  });
  if (publicKey === undefined) return;
  const last = peers.at(-1);
  const isMore = last?.publicKey === publicKey;
  const peer: WireGuardPeer = isMore
    ? last
    : { publicKey, endpoint: undefined, keepalive: 0, allowedIPs: [], allowedIPCount: 0, lastHandshake: 0, rxBytes: 0, txBytes: 0 };
  if (!isMore) peers.push(peer);
  eachAttribute(body, start, end, (type, at, length) => {
    switch (type) {
      case LINUX.WGPEER_A_ENDPOINT:
        return void (peer.endpoint = readEndpoint(body, at, length));
      case LINUX.WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL:
        return void (peer.keepalive = readU16(body, at, length) ?? 0);
      case LINUX.WGPEER_A_LAST_HANDSHAKE_TIME:
        return void (peer.lastHandshake = readTime(body, at, length));
      case LINUX.WGPEER_A_RX_BYTES:
        return void (peer.rxBytes = readCounter(body, at, length));
      case LINUX.WGPEER_A_TX_BYTES:
        return void (peer.txBytes = readCounter(body, at, length));
      case LINUX.WGPEER_A_ALLOWEDIPS:
        eachAttribute(body, at, at + length, (_index, inner, size) => {
          const network = readNetwork(body, inner, inner + size);
          if (network === undefined) return;
          peer.allowedIPCount++;
          if (peer.allowedIPs.length < MOST_ALLOWED_IPS) peer.allowedIPs.push(network);
        });
    }
  });
}

/** A device without a key has one of zeros, or none. */
function readKey(body: Buffer, at: number, length: number): string | undefined {
  if (length !== KEY_LENGTH) return undefined;
  const key = body.subarray(at, at + length);
  return key.every((byte) => byte === 0) ? undefined : key.toString('base64');
}

function readNetwork(body: Buffer, start: number, end: number): string | undefined {
  let address: string | undefined;
  let bits: number | undefined;
  eachAttribute(body, start, end, (type, at, length) => {
    if (type === LINUX.WGALLOWEDIP_A_IPADDR) address = ipText(body, at, length);
    else if (type === LINUX.WGALLOWEDIP_A_CIDR_MASK) bits = readU8(body, at, length);
  });
  return address === undefined || bits === undefined ? undefined : `${address}/${bits}`;
}

/** `struct sockaddr_in` or `struct sockaddr_in6`: port and address in the order of the network. */
function readEndpoint(body: Buffer, at: number, length: number): string | undefined {
  if (length >= SIZE['struct sockaddr_in6'] && body.readUInt16LE(at) === LINUX.AF_INET6) {
    const { sin6_port: port, sin6_addr: address } = SOCKET_ADDRESS[6];
    return `[${ipText(body, at + address, 16)}]:${body.readUInt16BE(at + port)}`;
  }
  if (length >= SIZE['struct sockaddr_in'] && body.readUInt16LE(at) === LINUX.AF_INET) {
    const { sin_port: port, sin_addr: address } = SOCKET_ADDRESS[4];
    return `${ipText(body, at + address, 4)}:${body.readUInt16BE(at + port)}`;
  }
  return undefined;
}

/** `struct __kernel_timespec` as milliseconds; what no clock can have said counts for nothing. */
function readTime(body: Buffer, at: number, length: number): number {
  if (length < TIMESPEC_SIZE) return 0;
  const { tv_sec: seconds, tv_nsec: nanoseconds } = OFFSET['struct __kernel_timespec'];
  const time = Number(body.readBigInt64LE(at + seconds)) * 1_000 + Math.floor(Number(body.readBigInt64LE(at + nanoseconds)) / 1_000_000);
  return Number.isSafeInteger(time) && time > 0 ? time : 0;
}

/** Exact up to 2⁵³. */
const readCounter = (body: Buffer, at: number, length: number): number =>
  length >= 8 ? body.readUInt32LE(at) + body.readUInt32LE(at + 4) * 2 ** 32 : 0;
