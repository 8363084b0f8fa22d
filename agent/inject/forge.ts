import { randomBytes, randomInt } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { CanopyError } from '../../src/common/errors.js';
import { isSourceRange, type Inject } from '../../src/protocol/injection.js';
import { checksumOf, sumWords } from './checksum.js';

/** Packets as they are asked for: echo requests, SYNs and datagrams over IPv4 and IPv6 (RFC 791, 8200, 792, 4443, 9293, 768), with lengths and checksums. */

const ETHER_TYPE = { v4: 0x0800, v6: 0x86dd } as const;
const PROTOCOL = { icmp4: 1, tcp4: 6, udp4: 17, icmp6: 58, tcp6: 6, udp6: 17 } as const;
const ECHO_REQUEST = { icmp4: 8, icmp6: 128 } as const;
const ICMP_BYTES = 8;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
const SYN = 0x02;
const TCP_WINDOW = 64_240;
const DO_NOT_FRAGMENT = 0x4000;
/** Where nothing else is asked for. */
const HOP_LIMIT = 64;
/** Letters, as `ping` has bytes. */
const PAYLOAD_BYTES = 56;
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Ports of clients. */
const FIRST_PORT = 1_024;
const PORTS = 65_536;

/** What makes the packets of one injection. */
export interface Forge {
  /** The next packet: a frame where the interface has a link layer. */
  next(): Buffer;
}

/** Throws `BAD_INPUT` for addresses that are none, or not of the type's family. */
export function openForge(inject: Inject, hasLinkLayer: boolean): Forge {
  const isV6 = inject.type.endsWith('6');
  const sourceAt = sourcesOf(inject.srcIp, isV6);
  const destination = readAddress(inject.dstIp, isV6, 'dstIp');
  const link = hasLinkLayer
    ? Buffer.concat([
        readMac(inject.dstMac, 'dstMac'),
        readMac(inject.srcMac, 'srcMac'),
        Buffer.from([(isV6 ? ETHER_TYPE.v6 : ETHER_TYPE.v4) >> 8, (isV6 ? ETHER_TYPE.v6 : ETHER_TYPE.v4) & 0xff]),
      ])
    : Buffer.alloc(0);
  const protocol = PROTOCOL[inject.type];
  const hopLimit = inject.ttl === 0 ? HOP_LIMIT : inject.ttl;
  let payload = inject.payload === '' ? randomLetters(PAYLOAD_BYTES) : Buffer.from(inject.payload);
  let number = 0;
  const next = (): Buffer => {
    if (number > 0 && inject.incrementPayload > 0) payload = Buffer.concat([payload, randomLetters(inject.incrementPayload)]);
    const source = sourceAt(number);
    number++;
    const transport = transportOf(inject, number, payload);
    const pseudo = pseudoHeaderSum(source, destination, protocol, transport.length);
    fillChecksum(inject.type, transport, pseudo);
    const network = isV6
      ? ipv6Header(source, destination, protocol, transport.length, hopLimit)
      : ipv4Header(source, destination, protocol, transport.length, hopLimit, number);
    return Buffer.concat([link, network, transport]);
  };
  return { next };
}

function transportOf(inject: Inject, number: number, payload: Buffer): Buffer {
  const isRandom = inject.mode === 'random';
  const { type } = inject;
  switch (type) {
    case 'icmp4':
    case 'icmp6': {
      const header = Buffer.alloc(ICMP_BYTES);
      header[0] = ECHO_REQUEST[type];
      header.writeUInt16BE(isRandom ? randomInt(1, PORTS) : inject.icmpId, 4);
      header.writeUInt16BE(number & 0xffff, 6);
      return Buffer.concat([header, payload]);
    }
    case 'tcp4':
    case 'tcp6': {
      const header = Buffer.alloc(TCP_BYTES);
      header.writeUInt16BE(isRandom ? randomInt(FIRST_PORT, PORTS) : inject.srcPort, 0);
      header.writeUInt16BE(inject.dstPort, 2);
      randomBytes(4).copy(header, 4);
      header[12] = (TCP_BYTES / 4) << 4;
      header[13] = SYN;
      header.writeUInt16BE(TCP_WINDOW, 14);
      return Buffer.concat([header, payload]);
    }
    case 'udp4':
    case 'udp6': {
      const header = Buffer.alloc(UDP_BYTES);
      header.writeUInt16BE(isRandom ? randomInt(FIRST_PORT, PORTS) : inject.srcPort, 0);
      header.writeUInt16BE(inject.dstPort, 2);
      header.writeUInt16BE(UDP_BYTES + payload.length, 4);
      return Buffer.concat([header, payload]);
    }
  }
}

function fillChecksum(type: Inject['type'], transport: Buffer, pseudo: number): void {
  // ICMP over IPv4 alone leaves the addresses out.
  const at = type.startsWith('icmp') ? 2 : type.startsWith('tcp') ? 16 : 6;
  const sum = checksumOf(sumWords(transport, type === 'icmp4' ? 0 : pseudo));
  // 0 would mean "none" in UDP.
  transport.writeUInt16BE(sum === 0 && type.startsWith('udp') ? 0xffff : sum, at);
}

/** The pseudo header of RFC 9293 §3.1 and RFC 8200 §8.1: both add up to the same words. */
const pseudoHeaderSum = (source: Buffer, destination: Buffer, protocol: number, length: number): number =>
  sumWords(destination, sumWords(source, protocol + length));

function ipv4Header(source: Buffer, destination: Buffer, protocol: number, length: number, ttl: number, identification: number): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(header.length + length, 2);
  header.writeUInt16BE(identification & 0xffff, 4);
  header.writeUInt16BE(DO_NOT_FRAGMENT, 6);
  header[8] = ttl;
  header[9] = protocol;
  source.copy(header, 12);
  destination.copy(header, 16);
  header.writeUInt16BE(checksumOf(sumWords(header)), 10);
  return header;
}

function ipv6Header(source: Buffer, destination: Buffer, protocol: number, length: number, hopLimit: number): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(length, 4);
  header[6] = protocol;
  header[7] = hopLimit;
  source.copy(header, 8);
  destination.copy(header, 24);
  return header;
}

function readAddress(text: string, isV6: boolean, field: string): Buffer {
  // A prefix length may follow, as in the metadata of nodes.
  const address = text.split('/')[0]!;
  const family = isV6 ? 'IPv6' : 'IPv4';
  const isOne = isV6 ? ipaddr.IPv6.isValid(address) : ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!isOne)
    throw new CanopyError('BAD_INPUT', `${field} is ${JSON.stringify(text)}, which is no ${family} address`, { details: { field } });
  return Buffer.from(ipaddr.parse(address).toByteArray());
}

/** The source of each packet: one address, or those of a prefix in turn, without the two of IPv4 that name the network and everybody in it. */
function sourcesOf(text: string, isV6: boolean): (number: number) => Buffer {
  if (!isSourceRange(text)) {
    const address = readAddress(text, isV6, 'srcIp');
    return () => address;
  }
  const first = readAddress(text, isV6, 'srcIp');
  const free = first.length * 8 - Number(text.split('/')[1]);
  // More than anybody sends.
  const all = 2 ** Math.min(free, 40);
  const [skipped, usable] = !isV6 && free > 1 ? [1, all - 2] : [0, all];
  return (number) => plus(first, skipped + (number % usable));
}

/** The address so many further on. */
function plus(address: Buffer, count: number): Buffer {
  const sum = Buffer.from(address);
  for (let index = sum.length - 1, rest = count; rest > 0 && index >= 0; index--) {
    rest += sum[index]!;
    sum[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return sum;
}

function readMac(text: string, field: string): Buffer {
  const bytes = Buffer.from(text.replaceAll(':', ''), 'hex');
  if (bytes.length !== 6)
    throw new CanopyError('BAD_INPUT', `${field} is ${JSON.stringify(text)}, which is no MAC address`, { details: { field } });
  return bytes;
}

const randomLetters = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => LETTERS.charCodeAt(randomInt(LETTERS.length))));
