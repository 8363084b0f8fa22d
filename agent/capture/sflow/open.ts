import { LINK_TYPE } from '../../linux/interface.js';
import { isUnfit, packetFilter } from '../../linux/packetFilter.js';
import { openCollector } from '../collector.js';
import type { OpenSource, SourceContext } from '../source.js';
import { SampledCounters } from './counters.js';
import { readSflow } from './decode.js';

/** Where switches send to when nothing else is said (IANA). */
const USUAL_PORT = 6_343;
/** Numbers of `header_protocol`, and what they are for a capture file. */
const HEADER_LINK_TYPES: Readonly<Record<number, number>> = { 1: LINK_TYPE.ethernet, 11: LINK_TYPE.ipv4, 12: LINK_TYPE.ipv6 };
/** Milliseconds between reports of counters. */
const REPORT_EVERY = 1_000;

/** Collects samples on a port of the node: of packets into the table, of counters onto the node. */
export function openSflow(context: SourceContext): OpenSource {
  const filter = packetFilter(context.spec.bpf);
  const counters = new SampledCounters(Date.now());
  let samples = 0;
  let malformed = 0;
  let unknownHeader = 0;
  let unfitHeader = 0;
  let reportedAt = 0;
  let current: Buffer = Buffer.alloc(0);

  const listener = {
    header(protocol: number, at: number, captured: number, frameLength: number): void {
      const linkType = HEADER_LINK_TYPES[protocol];
      if (linkType === undefined) return void unknownHeader++;
      try {
        if (filter?.(current.subarray(at, at + captured), frameLength, linkType) === false) return;
      } catch (error) {
        if (isUnfit(error)) return void unfitHeader++;
        throw error;
      }
      samples++;
      context.packets.packet(current, at, captured, frameLength, Date.now(), 0, linkType, 0, 1);
    },
    interfaceCounters: (index: number, values: Readonly<Record<string, number>>) => counters.interface(index, values),
    counters: (values: Readonly<Record<string, number>>) => counters.add(values),
  };

  const collector = openCollector(context, USUAL_PORT, context.settings.sflowPorts, (datagram) => {
    current = datagram;
    if (!readSflow(datagram, listener)) malformed++;
  });

  return {
    tick(nowMs) {
      if (nowMs - reportedAt < REPORT_EVERY) return;
      reportedAt = nowMs;
      const values = counters.take(nowMs);
      if (values.length > 0) context.measure(values);
    },
    counts: () => ({
      received: samples,
      dropped: collector.dropped(),
      ifDropped: 0,
      drops: {
        ...(malformed > 0 ? { malformed } : {}),
        ...(unknownHeader > 0 ? { unknownHeader } : {}),
        ...(unfitHeader > 0 ? { unfitHeader } : {}),
        ...(counters.dropped > 0 ? { tooManyInterfaces: counters.dropped } : {}),
      },
    }),
    facts: () => ({ sflowSocket: collector.address, facts: {} }),
    close: () => collector.close(),
  };
}
