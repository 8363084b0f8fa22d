import { openCollector } from '../collector.js';
import type { OpenSource, SourceContext } from '../source.js';
import type { FlowRecord } from './record.js';
import { readIpfix, readVersion9, type SetContext } from './sets.js';
import { Templates } from './templates.js';
import { toFlow } from './toFlow.js';
import { readVersion5 } from './version5.js';

/** Where exporters send to when nothing else is said. */
const USUAL_PORT = 2_055;
/** Milliseconds: an exporter whose clock is further off is not believed. */
const MOST_OFF = 5 * 60_000;

/** Collects what exporters count, on a port of the node. */
export function openNetflow(context: SourceContext): OpenSource {
  const templates = new Templates();
  const drops = { malformed: 0, unknownTemplate: 0, unknownVersion: 0, withoutAddresses: 0 };
  let received = 0;
  let corrected = 0;

  const take = (record: FlowRecord): void => {
    const now = Date.now();
    if (Math.abs(record.last - now) > MOST_OFF || record.start > record.last) {
      corrected++;
      record.start = now;
      record.last = now;
    }
    const flow = toFlow(record);
    if (flow === undefined) drops.withoutAddresses++;
    else context.external(flow);
  };

  const collector = openCollector(context, USUAL_PORT, context.settings.netflowPorts, (datagram, exporter) => {
    received++;
    const sets: SetContext = { templates, exporter, take, unknown: () => void drops.unknownTemplate++ };
    const version = datagram.length >= 2 ? datagram.readUInt16BE(0) : 0;
    let isGood: boolean;
    if (version === 5) isGood = readVersion5(datagram, take);
    else if (version === 9) isGood = readVersion9(datagram, sets);
    else if (version === 10) isGood = readIpfix(datagram, sets);
    else return void drops.unknownVersion++;
    if (!isGood) drops.malformed++;
  });

  return {
    counts: () => ({ received, dropped: collector.dropped(), ifDropped: 0, drops: countedOnly(drops) }),
    facts: () => ({ facts: { netflowSocket: collector.address, templates: templates.size, correctedTimes: corrected } }),
    close: () => collector.close(),
  };
}

const countedOnly = (drops: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(drops).filter(([, count]) => count > 0));
