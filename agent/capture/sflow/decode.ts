/** sFlow version 5: datagrams of samples in XDR, each with its length, so that unknown ones are skipped. Source: sflow.org, "sFlow Version 5", July 2004. */

/** Who hears of what is in a datagram. */
export interface SampleListener {
  /** The beginning of a sampled packet: its bytes in the datagram, and how many it had. */
  header(protocol: number, at: number, captured: number, frameLength: number): void;
  /** Counters of an interface. */
  interfaceCounters(index: number, counters: Readonly<Record<string, number>>): void;
  /** Counters that belong to no interface alone. */
  counters(counters: Readonly<Record<string, number>>): void;
}

const VERSION = 5;
const SAMPLE = { flow: 1, counters: 2, expandedFlow: 3, expandedCounters: 4 } as const;
const RECORD = { rawHeader: 1, interface: 1, ethernet: 2, vlan: 5, openFlowDatapath: 2207, application: 2203 } as const;
/** More cannot be in a datagram. */
const MOST_PARTS = 4_096;
/** A counter that an agent does not have. */
const UNKNOWN_32 = 0xffff_ffff;

/** Numbers in the order of a record; `''` are passed over. Names of eight bytes end in `:8`. */
const LAYOUT = {
  interface: [
    '',
    '',
    ':8',
    '',
    '',
    'IfInOctets:8',
    'IfInUcastPkts',
    'IfInMulticastPkts',
    'IfInBroadcastPkts',
    'IfInDiscards',
    'IfInErrors',
    'IfInUnknownProtos',
    'IfOutOctets:8',
    'IfOutUcastPkts',
    'IfOutMulticastPkts',
    'IfOutBroadcastPkts',
    'IfOutDiscards',
    'IfOutErrors',
  ],
  ethernet: [
    'EthAlignmentErrors',
    'EthFCSErrors',
    'EthSingleCollisionFrames',
    'EthMultipleCollisionFrames',
    'EthSQETestErrors',
    'EthDeferredTransmissions',
    'EthLateCollisions',
    'EthExcessiveCollisions',
    'EthInternalMacTransmitErrors',
    'EthCarrierSenseErrors',
    'EthFrameTooLongs',
    'EthInternalMacReceiveErrors',
    'EthSymbolErrors',
  ],
  vlan: ['', 'VlanOctets:8', 'VlanUcastPackets', 'VlanMulticastPackets', 'VlanBroadcastPackets', 'VlanDiscards'],
  openFlowDatapath: ['OvsDpNHit', 'OvsDpNMissed', 'OvsDpNLost', 'OvsDpNMaskHit', 'OvsDpNFlows', 'OvsDpNMasks'],
  application: ['', '', 'OvsAppMemUsed:8', 'OvsAppMemMax:8', 'OvsAppFdOpen', 'OvsAppFdMax', 'OvsAppConnOpen', 'OvsAppConnMax'],
} as const;

/** Reads a datagram. Answers `false` when it is damaged or of another version; what came before the damage was handed over. */
export function readSflow(datagram: Buffer, listener: SampleListener): boolean {
  if (datagram.length < 8 || datagram.readUInt32BE(0) !== VERSION) return false;
  const addressBytes = { 1: 4, 2: 16 }[datagram.readUInt32BE(4)];
  if (addressBytes === undefined) return false;
  // Behind the agent's address: sub-agent, sequence, uptime, number of samples.
  const counts = 8 + addressBytes + 12;
  if (datagram.length < counts + 4) return false;
  return forEachPart(datagram, counts + 4, datagram.length, datagram.readUInt32BE(counts), (format, at, end) => {
    switch (format) {
      case SAMPLE.flow:
        return readFlowSample(datagram, at, end, 28, listener);
      case SAMPLE.expandedFlow:
        return readFlowSample(datagram, at, end, 40, listener);
      case SAMPLE.counters:
        return readCounterSample(datagram, at, end, 8, listener);
      case SAMPLE.expandedCounters:
        return readCounterSample(datagram, at, end, 12, listener);
      default:
        return true;
    }
  });
}

/** Calls for each part of a list: format, length, and so many bytes. */
function forEachPart(
  datagram: Buffer,
  from: number,
  end: number,
  count: number,
  read: (format: number, at: number, end: number) => boolean,
): boolean {
  if (count > MOST_PARTS) return false;
  let at = from;
  let isGood = true;
  for (let part = 0; part < count; part++) {
    if (at + 8 > end) return false;
    const format = datagram.readUInt32BE(at);
    const length = datagram.readUInt32BE(at + 4);
    at += 8;
    if (length > end - at) return false;
    isGood = read(format, at, at + length) && isGood;
    at += length;
  }
  return isGood;
}

function readFlowSample(datagram: Buffer, at: number, end: number, before: number, listener: SampleListener): boolean {
  if (at + before + 4 > end) return false;
  return forEachPart(datagram, at + before + 4, end, datagram.readUInt32BE(at + before), (format, record, recordEnd) => {
    if (format !== RECORD.rawHeader) return true;
    if (record + 16 > recordEnd) return false;
    const length = datagram.readUInt32BE(record + 12);
    if (length > recordEnd - record - 16) return false;
    const frameLength = Math.max(0, datagram.readUInt32BE(record + 4) - datagram.readUInt32BE(record + 8));
    listener.header(datagram.readUInt32BE(record), record + 16, length, frameLength);
    return true;
  });
}

function readCounterSample(datagram: Buffer, at: number, end: number, before: number, listener: SampleListener): boolean {
  if (at + before + 4 > end) return false;
  return forEachPart(datagram, at + before + 4, end, datagram.readUInt32BE(at + before), (format, record, recordEnd) => {
    switch (format) {
      case RECORD.interface: {
        const counters = readCounters(datagram, record, recordEnd, LAYOUT.interface);
        if (counters === undefined) return false;
        listener.interfaceCounters(datagram.readUInt32BE(record), counters);
        return true;
      }
      case RECORD.ethernet:
        return pass(readCounters(datagram, record, recordEnd, LAYOUT.ethernet), listener);
      case RECORD.vlan:
        return pass(readCounters(datagram, record, recordEnd, LAYOUT.vlan), listener);
      case RECORD.openFlowDatapath:
        return pass(readCounters(datagram, record, recordEnd, LAYOUT.openFlowDatapath), listener);
      case RECORD.application:
        return pass(readCounters(datagram, record, recordEnd, LAYOUT.application), listener);
      default:
        return true;
    }
  });
}

function pass(counters: Record<string, number> | undefined, listener: SampleListener): boolean {
  if (counters !== undefined) listener.counters(counters);
  return counters !== undefined;
}

/** The named numbers of a record; those that say "unknown" are left out. `undefined` when it is cut. */
function readCounters(datagram: Buffer, from: number, end: number, layout: readonly string[]): Record<string, number> | undefined {
  const counters: Record<string, number> = {};
  let at = from;
  for (const entry of layout) {
    const isLong = entry.endsWith(':8');
    const bytes = isLong ? 8 : 4;
    if (at + bytes > end) return undefined;
    const name = isLong ? entry.slice(0, -2) : entry;
    if (name !== '') {
      const isKnown = isLong
        ? !(datagram.readUInt32BE(at) === UNKNOWN_32 && datagram.readUInt32BE(at + 4) === UNKNOWN_32)
        : datagram.readUInt32BE(at) !== UNKNOWN_32;
      if (isKnown)
        counters[name] = isLong ? datagram.readUInt32BE(at) * 2 ** 32 + datagram.readUInt32BE(at + 4) : datagram.readUInt32BE(at);
    }
    at += bytes;
  }
  return counters;
}
