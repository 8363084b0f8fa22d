import ipaddr from 'ipaddr.js';
import { bytes, identifier, integer, oneOf, optional, text } from './check.js';
import { MAX_REASON_LENGTH, MAX_TEXT_LENGTH } from './limits.js';
import { MessageType } from './messageTypes.js';

/** Packets that an agent makes itself (flows.md §5). */
export const INJECTION_TYPES = ['icmp4', 'icmp6', 'tcp4', 'tcp6', 'udp4', 'udp6'] as const;
export type InjectionType = (typeof INJECTION_TYPES)[number];

/** `unique`: the same flow for all packets; `random`: another port or ICMP id for each. */
export const INJECTION_MODES = ['unique', 'random'] as const;
export type InjectionMode = (typeof INJECTION_MODES)[number];

/** Analyzer to agent: packets to send on one node. Addresses, ports and ids are worked out already, except those that mode `random` varies. */
export interface Inject {
  readonly kind: 'inject';
  readonly id: string;
  /** Id of the node in the agent's graph. */
  readonly node: string;
  readonly type: InjectionType;
  /** Or a prefix without host bits, whose addresses are taken in turn (`isSourceRange`). */
  readonly srcIp: string;
  readonly dstIp: string;
  /** Empty on an interface without link layer. */
  readonly srcMac: string;
  readonly dstMac: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly icmpId: number;
  /** At least 1; with `pcap` 0 means as many as the file has. */
  readonly count: number;
  readonly intervalMs: number;
  readonly mode: InjectionMode;
  readonly payload: string;
  /** Bytes by which the payload grows with each packet. */
  readonly incrementPayload: number;
  readonly ttl: number;
  /** A capture file whose packets are sent as they are; `undefined`: packets are made. */
  readonly pcap: Uint8Array | undefined;
}

/** Analyzer to agent: no further packet. */
export interface InjectCancel {
  readonly kind: 'injectCancel';
  readonly id: string;
}

export const INJECTION_STATES = ['ACTIVE', 'DONE', 'CANCELLED', 'ERROR'] as const;
export type InjectionState = (typeof INJECTION_STATES)[number];

/** Agent to analyzer: at the start, each second, and at the end. */
export interface InjectProgress {
  readonly kind: 'injectProgress';
  readonly id: string;
  readonly node: string;
  readonly state: InjectionState;
  /** Packets handed to the kernel. */
  readonly sent: number;
  readonly error: string | undefined;
}

/** Whether the text is a whole prefix: `10.0.0.0/24`, and not `10.0.0.1/24`, which is an address with its prefix length. */
export function isSourceRange(text: string): boolean {
  if (!ipaddr.isValidCIDR(text)) return false;
  const [address, length] = ipaddr.parseCIDR(text);
  const bytes = address.toByteArray();
  return length < bytes.length * 8 && bytes.every((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, length - index * 8)))) === 0);
}

export const packInject = (message: Inject): unknown[] => [
  MessageType.INJECT,
  message.id,
  message.node,
  message.type,
  message.srcIp,
  message.dstIp,
  message.srcMac,
  message.dstMac,
  message.srcPort,
  message.dstPort,
  message.icmpId,
  message.count,
  message.intervalMs,
  message.mode,
  message.payload,
  message.incrementPayload,
  message.ttl,
  message.pcap ?? null,
];

export function readInject(fields: readonly unknown[]): Inject {
  const [, id, node, type, srcIp, dstIp, srcMac, dstMac, srcPort, dstPort, icmpId, count, intervalMs, mode, payload, increment, ttl, pcap] =
    fields;
  return {
    kind: 'inject',
    id: identifier(id, 'id'),
    node: identifier(node, 'node'),
    type: oneOf(type, 'type', INJECTION_TYPES),
    srcIp: text(srcIp, 'srcIp', MAX_REASON_LENGTH),
    dstIp: text(dstIp, 'dstIp', MAX_REASON_LENGTH),
    srcMac: text(srcMac, 'srcMac', MAX_REASON_LENGTH),
    dstMac: text(dstMac, 'dstMac', MAX_REASON_LENGTH),
    srcPort: integer(srcPort, 'srcPort', 0, 65_535),
    dstPort: integer(dstPort, 'dstPort', 0, 65_535),
    icmpId: integer(icmpId, 'icmpId', 0, 65_535),
    count: integer(count, 'count'),
    intervalMs: integer(intervalMs, 'intervalMs'),
    mode: oneOf(mode, 'mode', INJECTION_MODES),
    payload: text(payload, 'payload', MAX_TEXT_LENGTH),
    incrementPayload: integer(increment, 'incrementPayload'),
    ttl: integer(ttl, 'ttl', 0, 255),
    pcap: optional(pcap, (present) => bytes(present, 'pcap')),
  };
}

export const packInjectCancel = ({ id }: InjectCancel): unknown[] => [MessageType.INJECT_CANCEL, id];

export const readInjectCancel = ([, id]: readonly unknown[]): InjectCancel => ({ kind: 'injectCancel', id: identifier(id, 'id') });

export const packInjectProgress = (message: InjectProgress): unknown[] => [
  MessageType.INJECT_PROGRESS,
  message.id,
  message.node,
  message.state,
  message.sent,
  message.error?.slice(0, MAX_REASON_LENGTH) ?? null,
];

export const readInjectProgress = ([, id, node, state, sent, error]: readonly unknown[]): InjectProgress => ({
  kind: 'injectProgress',
  id: identifier(id, 'id'),
  node: identifier(node, 'node'),
  state: oneOf(state, 'state', INJECTION_STATES),
  sent: integer(sent, 'sent'),
  error: optional(error, (given) => text(given, 'error', MAX_REASON_LENGTH)),
});
