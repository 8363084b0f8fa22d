import type { Flow } from '../../flow/flow.js';
import { openFlowTable } from '../../flow/table/flowTable.js';
import { FLOW_TABLE_DEFAULTS } from '../../flow/table/options.js';
import ipaddr from 'ipaddr.js';
import type { Injection } from './injection.js';

const ETHERNET = 1;
const PROTOCOLS = { icmp4: 1, icmp6: 58, tcp4: 6, tcp6: 6, udp4: 17, udp6: 17 } as const;
const ECHO_REQUEST = { icmp4: 8, icmp6: 128 } as const;

type Addressed = Pick<Injection, 'type' | 'srcIp' | 'dstIp' | 'srcMac' | 'dstMac' | 'srcPort' | 'dstPort' | 'icmpId'>;

/** What the flow of the packets will be called: a flow table is given the head of one, as a capture would see it. */
export function trackingIdOf(injection: Addressed): string | undefined {
  const table = openFlowTable(FLOW_TABLE_DEFAULTS);
  const head = headOf(injection);
  table.packet(head, 0, head.length, head.length, 0, 0, ETHERNET);
  const [flow] = table.flows() as Iterable<Flow>;
  return flow?.TrackingID;
}

/** Ethernet, IP and what identifies the conversation in the layer above. Checksums are nobody's business here. */
function headOf({ type, srcIp, dstIp, srcMac, dstMac, srcPort, dstPort, icmpId }: Addressed): Uint8Array {
  const isSix = type.endsWith('6');
  const upper = upperHead(type, srcPort, dstPort, icmpId);
  const mac = (text: string): number[] => (text === '' ? [0, 0, 0, 0, 0, 0] : text.split(':').map((part) => parseInt(part, 16)));
  const network = Buffer.alloc(isSix ? 40 : 20);
  if (isSix) {
    network[0] = 0x60;
    network.writeUInt16BE(upper.length, 4);
    network[6] = PROTOCOLS[type];
    network[7] = 64;
  } else {
    network[0] = 0x45;
    network.writeUInt16BE(20 + upper.length, 2);
    network[8] = 64;
    network[9] = PROTOCOLS[type];
  }
  network.set(ipaddr.parse(srcIp).toByteArray(), isSix ? 8 : 12);
  network.set(ipaddr.parse(dstIp).toByteArray(), isSix ? 24 : 16);
  return Buffer.concat([Buffer.from([...mac(dstMac), ...mac(srcMac), ...(isSix ? [0x86, 0xdd] : [0x08, 0x00])]), network, upper]);
}

function upperHead(type: Injection['type'], srcPort: number, dstPort: number, icmpId: number): Buffer {
  if (type === 'icmp4' || type === 'icmp6') {
    const head = Buffer.alloc(8);
    head[0] = ECHO_REQUEST[type];
    head.writeUInt16BE(icmpId, 4);
    return head;
  }
  const isTcp = type.startsWith('tcp');
  const head = Buffer.alloc(isTcp ? 20 : 8);
  head.writeUInt16BE(srcPort, 0);
  head.writeUInt16BE(dstPort, 2);
  if (isTcp) head[12] = 0x50;
  else head.writeUInt16BE(8, 4);
  return head;
}
