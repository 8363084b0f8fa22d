import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { CanopyError } from '../../common/errors.js';
import type { Json } from '../../common/json.js';
import { readPcap } from '../../flow/pcap/readPcap.js';
import { badValue } from '../../graph/filter/badValue.js';
import type { NodeRevision } from '../../graph/element.js';
import { readPath } from '../../graph/metadataPath.js';
import { INJECTION_MODES, INJECTION_TYPES, isSourceRange } from '../../protocol/injection.js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import type { InjectionRequest, Sending } from './injection.js';
import { trackingIdOf } from './trackingId.js';

const TTL = 64;
const MOST_COUNT = 1_000_000_000;
const MOST_INTERVAL_MS = 3_600_000;
/** A timer waits no longer: 24 days. */
const MOST_LIFETIME_MS = 2 ** 31 - 1;
const MOST_PAYLOAD = 65_000;
/** Letters that are sent where no payload is given. */
const PAYLOAD_BYTES = 56;
const FIRST_FREE_PORT = 1_024;
const PORTS = 64_512;
const MOST_PORT = 65_535;
/** Room for what goes with a file in its message. */
const MOST_FILE_BYTES = MAX_MESSAGE_BYTES - 65_536;

/** What is said once for all nodes of an injection. */
export type Common = Pick<Sending, 'type' | 'count' | 'interval' | 'mode' | 'payload' | 'incrementPayload' | 'ttl' | 'filePackets'> & {
  readonly pcap: Uint8Array | undefined;
  /** Milliseconds; 0 for none. */
  readonly lifetime: number;
};

/** Checks what does not depend on nodes. Throws `BAD_INPUT` naming the field. */
export function commonFields(request: InjectionRequest): Common {
  const { type } = request;
  if (!INJECTION_TYPES.includes(type)) throw badValue('type', type, `one of ${INJECTION_TYPES.join(', ')}`);
  const mode = request.mode ?? 'unique';
  if (!INJECTION_MODES.includes(mode)) throw badValue('mode', mode, `one of ${INJECTION_MODES.join(', ')}`);
  const pcap = request.pcap ?? undefined;
  const payload = request.payload ?? '';
  if (Buffer.byteLength(payload) > MOST_PAYLOAD) throw badValue('payload', `${payload.length} characters`, `at most ${MOST_PAYLOAD} bytes`);
  return {
    type,
    mode,
    pcap,
    filePackets: pcap && packetsOf(pcap),
    payload,
    count: whole(request.count, 'count', 0, MOST_COUNT) || (pcap ? 0 : 1),
    interval: whole(request.interval, 'interval', 0, MOST_INTERVAL_MS),
    incrementPayload: whole(request.incrementPayload, 'incrementPayload', 0, MOST_PAYLOAD),
    ttl: whole(request.ttl, 'ttl', 0, 255) || TTL,
    lifetime: whole(request.lifetime, 'lifetime', 0, MOST_LIFETIME_MS),
  };
}

/** Where the packets of one node go. */
export interface Way {
  readonly node: NodeRevision;
  /** Which of the nodes it is: ports and ids tell their flows apart. */
  readonly index: number;
  readonly destination: NodeRevision | undefined;
  /** MAC of the router or neighbour to which the node sends what is for the address. */
  readonly nextHop: (dstIp: string) => Promise<string | undefined>;
}

/** What one node sends. Throws `BAD_INPUT` for what cannot be, with Skydive's words where it has some. */
export async function sendingOf(id: string, request: InjectionRequest, common: Common, way: Way): Promise<Sending> {
  const { node, index, destination } = way;
  const { pcap, lifetime: _lifetime, ...shared } = common;
  const { type, mode } = shared;
  const isSix = type.endsWith('6');
  const family = isSix ? 'IPV6' : 'IPV4';
  const srcIp = pcap ? '' : (sourceOf(request.srcIp, isSix) ?? ownAddress(node, family));
  if (srcIp === undefined) throw new CanopyError('BAD_INPUT', 'No source IP in node');
  const dstIp = pcap ? '' : (address(request.dstIp, 'dstIp', isSix) ?? (destination && ownAddress(destination, family)));
  if (dstIp === undefined)
    throw new CanopyError('BAD_INPUT', destination === undefined ? 'No destination node and IP' : 'No destination IP in node');
  const isBare = !isEthernet(node) || pcap !== undefined;
  const srcMac = isBare ? '' : (request.srcMac ?? macOf(node));
  if (srcMac === undefined) throw new CanopyError('BAD_INPUT', 'No source MAC in node');
  const dstMac = isBare ? '' : (request.dstMac ?? (await way.nextHop(dstIp)) ?? (destination && macOf(destination)));
  if (dstMac === undefined || (dstMac === '' && !isBare)) throw new CanopyError('BAD_INPUT', 'Failed to resolve destination MAC address');
  if (!pcap) checkSize(node, shared, isSix);
  const freePort = (): number => FIRST_FREE_PORT + Math.floor(Math.random() * PORTS);
  const isTcp = type.startsWith('tcp');
  const fields = {
    ...shared,
    // The agent knows each by an id of its own.
    id: index === 0 ? id : `${id}.${index}`,
    node: node.id,
    origin: node.origin,
    srcIp,
    dstIp,
    srcMac: srcMac.toLowerCase(),
    dstMac: dstMac.toLowerCase(),
    srcPort: nth(whole(request.srcPort, 'srcPort', 0, MOST_PORT) || (isTcp ? freePort() : 1), index),
    dstPort: whole(request.dstPort, 'dstPort', 0, MOST_PORT) || (isTcp ? freePort() : 0),
    icmpId: nth(whole(request.icmpId, 'icmpId', 0, MOST_PORT) || 1, index),
  };
  const isOneFlow = pcap === undefined && mode === 'unique' && !isSourceRange(srcIp);
  return { ...fields, trackingId: isOneFlow ? trackingIdOf(fields) : undefined, state: 'ACTIVE', sent: 0, error: undefined };
}

/** Counts up by node, and begins again at 1. */
const nth = (first: number, index: number): number => ((first - 1 + index) % MOST_PORT) + 1;

/** How many there are. Throws `BAD_INPUT` for what cannot be replayed. */
function packetsOf(file: Uint8Array): number {
  if (file.length > MOST_FILE_BYTES) throw badValue('pcap', `${file.length} bytes`, 'a file of less than 4 MiB');
  const { packets, problem } = readPcap(file, { packet: () => undefined });
  if (problem !== undefined)
    throw new CanopyError('BAD_INPUT', `pcap: the file cannot be replayed: ${problem}`, { details: { field: 'pcap' } });
  if (packets === 0) throw new CanopyError('BAD_INPUT', 'pcap: the file has no packets', { details: { field: 'pcap' } });
  return packets;
}

/** Bytes of headers from the network layer on. */
const HEADERS: Readonly<Record<Sending['type'], number>> = { icmp4: 28, tcp4: 40, udp4: 28, icmp6: 48, tcp6: 60, udp6: 48 };

/** Throws `BAD_INPUT` where the packets come to be larger than the node takes. */
function checkSize(
  { metadata: { MTU } }: NodeRevision,
  { type, payload, incrementPayload, count }: Omit<Common, 'pcap' | 'filePackets' | 'lifetime'>,
  isSix: boolean,
): void {
  const largest = HEADERS[type] + (Buffer.byteLength(payload) || PAYLOAD_BYTES) + incrementPayload * (count - 1);
  const most = typeof MTU === 'number' && MTU > 0 ? MTU : isSix ? MOST_PAYLOAD + 40 : MOST_PAYLOAD;
  if (largest > most) throw badValue('payload', `a packet of ${largest} bytes`, `packets of at most ${most} bytes on this node (MTU)`);
}

/** An address, or a prefix whose addresses are taken in turn. */
function sourceOf(text: string | null | undefined, isSix: boolean): string | undefined {
  return typeof text === 'string' && isSourceRange(text) && ipaddr.parseCIDR(text)[0].kind() === (isSix ? 'ipv6' : 'ipv4')
    ? text
    : address(text, 'srcIp', isSix);
}

/** An address as given, without its prefix length. */
function address(text: string | null | undefined, field: string, isSix: boolean): string | undefined {
  if (text === null || text === undefined || text === '') return undefined;
  const bare = text.split('/', 1)[0]!;
  if (isIP(bare) !== (isSix ? 6 : 4)) throw badValue(field, text, `an ${isSix ? 'IPv6' : 'IPv4'} address`);
  return bare;
}

/** The node's first address: what Neutron says, then its own. */
function ownAddress({ metadata }: NodeRevision, family: 'IPV4' | 'IPV6'): string | undefined {
  for (const path of [`Neutron.${family}`, family]) {
    const value = readPath(metadata, path);
    const first = Array.isArray(value) ? (value as Json[])[0] : value;
    if (typeof first === 'string' && first !== '') return first.split('/', 1)[0];
  }
  return undefined;
}

function macOf({ metadata }: NodeRevision): string | undefined {
  const attached = readPath(metadata, 'ExtID.attached-mac');
  const mac = typeof attached === 'string' && attached !== '' ? attached : metadata.MAC;
  return typeof mac === 'string' && mac !== '' ? mac : undefined;
}

const isEthernet = ({ metadata }: NodeRevision): boolean => metadata.EncapType === undefined || metadata.EncapType === 'ether';

function whole(value: number | null | undefined, field: string, least: number, most: number): number {
  if (value === null || value === undefined) return 0;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw badValue(field, value, `a whole number from ${least} to ${most}`);
}
