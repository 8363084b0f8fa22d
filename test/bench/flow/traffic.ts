/** A file of mixed traffic: TCP and UDP over IPv4 and IPv6, both directions, frames of some 366 bytes; TCP begins with SYN and ends with FIN. */

/** Frames are cut from this many bytes of payload at most. */
const MAX_PAYLOAD = 600;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const START_SECONDS = 1_700_000_000;

/** Numbers from a seed, so that each run has the same file. */
function random(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * below);
  };
}

/** Writes one frame at `at` and answers its length. */
function writeFrame(file: Buffer, at: number, flow: number, back: boolean, flags: number, payload: number): number {
  const isWide = flow % 5 === 4;
  const isUdp = flow % 3 === 0;
  const transport = (isUdp ? 8 : 20) + payload;
  file.writeUInt32BE(0x0200_0000, at);
  file.writeUInt16BE(back ? 1 : 2, at + 4);
  file.writeUInt32BE(0x0200_0000, at + 6);
  file.writeUInt16BE(back ? 2 : 1, at + 10);
  file.writeUInt16BE(isWide ? 0x86dd : 0x0800, at + 12);
  const network = at + 14;
  const client = 0x0a00_0000 + (flow >> 3);
  const server = 0xc0a8_0000 + (flow & 7);
  const [source, target] = back ? [server, client] : [client, server];
  if (isWide) {
    file[network] = 0x60;
    file.writeUInt16BE(transport, network + 4);
    file[network + 6] = isUdp ? 17 : 6;
    file[network + 7] = 64;
    file.writeUInt32BE(0xfd00_0000, network + 8);
    file.writeUInt32BE(source, network + 20);
    file.writeUInt32BE(0xfd00_0000, network + 24);
    file.writeUInt32BE(target, network + 36);
  } else {
    file[network] = 0x45;
    file.writeUInt16BE(20 + transport, network + 2);
    file[network + 8] = 64;
    file[network + 9] = isUdp ? 17 : 6;
    file.writeUInt32BE(source, network + 12);
    file.writeUInt32BE(target, network + 16);
  }
  const ports = network + (isWide ? 40 : 20);
  // Above the ports that name what UDP carries.
  const clientPort = 10_240 + (flow % 50_000);
  const serverPort = isUdp ? 4500 : 443;
  file.writeUInt16BE(back ? serverPort : clientPort, ports);
  file.writeUInt16BE(back ? clientPort : serverPort, ports + 2);
  if (isUdp) file.writeUInt16BE(transport, ports + 4);
  else {
    file[ports + 12] = 0x50;
    file[ports + 13] = flags;
  }
  return ports + transport - at;
}

const SYN = 0x02;
const ACK = 0x10;
const FIN_ACK = 0x11;

/** A pcap file of so many packets, spread at random over so many flows; each flow has at least one where there are packets for all. */
export function traffic(packets: number, flows: number): Buffer {
  const below = random();
  const file = Buffer.alloc(FILE_HEADER + packets * (RECORD_HEADER + 74 + MAX_PAYLOAD));
  file.writeUInt32LE(0xa1b2_c3d4, 0);
  file.writeUInt16LE(2, 4);
  file.writeUInt16LE(4, 6);
  file.writeUInt32LE(65_535, 16);
  file.writeUInt32LE(1, 20);
  const seen = new Uint8Array(flows);
  let at = FILE_HEADER;
  for (let packet = 0; packet < packets; packet++) {
    const flow = packet < flows && packets < flows * 4 ? packet : below(flows);
    const isFirst = seen[flow] === 0;
    const back = !isFirst && below(2) === 1;
    const flags = isFirst ? SYN : seen[flow] === 1 && back ? SYN | ACK : packet > packets - flows / 8 ? FIN_ACK : ACK;
    seen[flow] = Math.min(2, seen[flow]! + 1);
    const length = writeFrame(file, at + RECORD_HEADER, flow, back, flags, below(MAX_PAYLOAD));
    file.writeUInt32LE(START_SECONDS + Math.floor(packet / 1_000_000), at);
    file.writeUInt32LE(packet % 1_000_000, at + 4);
    file.writeUInt32LE(length, at + 8);
    file.writeUInt32LE(length, at + 12);
    at += RECORD_HEADER + length;
  }
  return file.subarray(0, at);
}
