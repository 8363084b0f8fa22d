/** XXH64 by its specification, word for word, with big integers: slow, and for comparison only. */

const PRIMES = [11400714785074694791n, 14029467366897019727n, 1609587929392839161n, 9650029242287828579n, 2870177450012600261n] as const;
const cut = (value: bigint): bigint => BigInt.asUintN(64, value);
const turn = (value: bigint, by: bigint): bigint => cut((value << by) | (value >> (64n - by)));

export function xxh64(input: Buffer, seed: bigint): bigint {
  const [p1, p2, p3, p4, p5] = PRIMES;
  const round = (lane: bigint, value: bigint): bigint => cut(turn(cut(lane + value * p2), 31n) * p1);
  let at = 0;
  let hash = cut(seed + p5);
  if (input.length >= 32) {
    const lanes = [cut(seed + p1 + p2), cut(seed + p2), seed, cut(seed - p1)];
    for (; at + 32 <= input.length; at += 32)
      for (let lane = 0; lane < 4; lane++) lanes[lane] = round(lanes[lane]!, input.readBigUInt64LE(at + lane * 8));
    hash = cut(turn(lanes[0]!, 1n) + turn(lanes[1]!, 7n) + turn(lanes[2]!, 12n) + turn(lanes[3]!, 18n));
    for (const lane of lanes) hash = cut((hash ^ round(0n, lane)) * p1 + p4);
  }
  hash = cut(hash + BigInt(input.length));
  for (; at + 8 <= input.length; at += 8) hash = cut(turn(hash ^ round(0n, input.readBigUInt64LE(at)), 27n) * p1 + p4);
  if (at + 4 <= input.length) {
    hash = cut(turn(hash ^ cut(BigInt(input.readUInt32LE(at)) * p1), 23n) * p2 + p3);
    at += 4;
  }
  for (; at < input.length; at++) hash = cut(turn(hash ^ cut(BigInt(input[at]!) * p5), 11n) * p1);
  hash = cut((hash ^ (hash >> 33n)) * p2);
  hash = cut((hash ^ (hash >> 29n)) * p3);
  return hash ^ (hash >> 32n);
}
