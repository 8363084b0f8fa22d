import { expect, it } from 'vitest';
import { FLOW_KEYS, flowKey } from '../../src/flow/flowField.js';
import { dns, ethernet, ipv4, udp } from './frames.js';
import { flowsOf } from './tables.js';

const [flow] = flowsOf({ extraLayers: 255 }, ethernet(0x0800, ipv4(17, udp(1000, 53, dns(7, 'example.org')))));

it.each([
  ['Application', 'DNS'],
  ['IPV4.A', '10.0.0.1'],
  ['Network.B', '10.0.0.2'],
  ['UDP.B', 53],
  ['TCP.B', 53],
  ['ETHERNET.Protocol', 'ETHERNET'],
  ['Metric.ABPackets', 1],
  ['Metric.RTT', 0],
  ['DNS.QDCount', 1],
  ['RawPacketsCaptured', 0],
  ['ICMP.Type', undefined],
  ['Metric.Nothing', undefined],
  ['constructor', undefined],
])('%s is %s', (key, value) => expect(flowKey(key).read(flow!)).toBe(value));

it('compares a bare layer with both ends', () => {
  expect(flowKey('Network').readAny(flow!)).toEqual(['10.0.0.1', '10.0.0.2']);
  expect(flowKey('Network.A').readAny(flow!)).toBe('10.0.0.1');
});

it('has keys that can all be read', () => {
  const missing = FLOW_KEYS.filter((key) => flowKey(key).read(flow!) === undefined);
  expect(missing.every((key) => /^(ICMP|NodeTID|CaptureID)/.test(key))).toBe(true);
});
