import type { PacketSink } from '../packetBatch.js';
import { PcapParser, type PcapSummary } from './pcapParser.js';

/** Reads a whole pcap or pcapng file from memory, and says how far it came; a file that ends early is read up to there. Throws `BAD_INPUT` for what is neither. */
export function readPcap(file: Uint8Array, sink: PacketSink): PcapSummary {
  const parser = new PcapParser(sink);
  parser.push(file);
  return parser.end();
}
