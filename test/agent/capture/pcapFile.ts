/** A pcap file of frames, a millisecond apart, the last one now. */
export function pcapFile(frames: readonly Buffer[], { linkType = 1, isBig = false } = {}): Buffer {
  const write = (bytes: Buffer, value: number, at: number): void =>
    void (isBig ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at));
  const header = Buffer.alloc(24);
  write(header, 0xa1b2c3d4, 0);
  if (isBig) header.set([0, 2, 0, 4], 4);
  else header.set([2, 0, 4, 0], 4);
  write(header, 65_535, 16);
  write(header, linkType, 20);
  const begin = Date.now() - frames.length;
  return Buffer.concat([
    header,
    ...frames.flatMap((frame, index) => {
      const record = Buffer.alloc(16);
      const time = begin + index;
      write(record, Math.floor(time / 1_000), 0);
      write(record, (time % 1_000) * 1_000, 4);
      write(record, frame.length, 8);
      write(record, frame.length, 12);
      return [record, frame];
    }),
  ]);
}
