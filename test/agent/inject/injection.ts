import type { Inject } from '../../../src/protocol/injection.js';

/** An injection as the analyzer asks for it. */
export const injection = (parts: Partial<Inject> = {}): Inject => ({
  kind: 'inject',
  id: 'injection-1',
  node: 'node-1',
  type: 'icmp4',
  srcIp: '192.0.2.1',
  dstIp: '192.0.2.2',
  srcMac: '02:00:00:00:00:01',
  dstMac: '02:00:00:00:00:02',
  srcPort: 1_234,
  dstPort: 80,
  icmpId: 7,
  count: 1,
  intervalMs: 0,
  mode: 'unique',
  payload: '',
  incrementPayload: 0,
  ttl: 64,
  pcap: undefined,
  ...parts,
});
