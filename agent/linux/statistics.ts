import { LINUX, OFFSET, SIZE } from './abi.js';
import { askEthtool } from './ethtool.js';
import { readText } from './netlink/message.js';

/** Counters of the driver's own by ethtool (`ethtool -S`): names and values in two lists of the same length (linux/ethtool.h). */

const SET = OFFSET['struct ethtool_sset_info'];
const SET_SIZE = SIZE['struct ethtool_sset_info'];
const STRINGS = OFFSET['struct ethtool_gstrings'];
const STRINGS_SIZE = SIZE['struct ethtool_gstrings'];
const STATS = OFFSET['struct ethtool_stats'];
const STATS_SIZE = SIZE['struct ethtool_stats'];
const VALUE_SIZE = 8;

/** A driver with more counters than this is not asked for them: adapters with a hundred queues have some three thousand. */
export const MOST_STATISTICS = 8_192;

/**
 * The kernel answers as many as there are at that moment, whatever room it was told of. A driver that gets more queues between two
 * questions must not write behind the end: there is room for twice as many.
 */
const ROOM = 2 * MOST_STATISTICS;

const info = Buffer.alloc(SET_SIZE + 4);
let strings: Buffer | undefined;
let answer: Buffer | undefined;

/** Counters of one link by the driver's names. */
export interface Statistics {
  readonly names: readonly string[];
  /** In the order of the names. Exact up to 2⁵³. */
  readonly values: readonly number[];
}

/** Names as they were answered, and what they are: thousands of texts that are the same each time. */
export interface KnownNames {
  readonly bytes: Buffer;
  readonly names: readonly string[];
}

export interface StatisticsReading extends Statistics {
  readonly known: KnownNames;
}

/** `undefined` where the link is gone, has none, or has too many to be believed. `known` are its names at the last reading. */
export function readStatistics(fd: number, link: string, known: KnownNames | undefined): StatisticsReading | undefined {
  info.fill(0);
  info.writeUInt32LE(LINUX.ETHTOOL_GSSET_INFO, SET.cmd);
  info.writeBigUInt64LE(1n << BigInt(LINUX.ETH_SS_STATS), SET.sset_mask);
  const count = askEthtool(fd, link, info) ? decodeStatisticsCount(info) : undefined;
  if (count === undefined) return undefined;
  strings ??= Buffer.allocUnsafeSlow(STRINGS_SIZE + ROOM * LINUX.ETH_GSTRING_LEN);
  strings.fill(0, 0, STRINGS_SIZE + count * LINUX.ETH_GSTRING_LEN);
  strings.writeUInt32LE(LINUX.ETHTOOL_GSTRINGS, STRINGS.cmd);
  strings.writeUInt32LE(LINUX.ETH_SS_STATS, STRINGS.string_set);
  strings.writeUInt32LE(count, STRINGS.len);
  if (!askEthtool(fd, link, strings)) return undefined;
  const names = decodeStatisticNames(strings, count, known);
  answer ??= Buffer.allocUnsafeSlow(STATS_SIZE + ROOM * VALUE_SIZE);
  answer.fill(0, 0, STATS_SIZE + count * VALUE_SIZE);
  answer.writeUInt32LE(LINUX.ETHTOOL_GSTATS, STATS.cmd);
  answer.writeUInt32LE(count, STATS.n_stats);
  if (names === undefined || !askEthtool(fd, link, answer)) return undefined;
  const values = decodeStatisticValues(answer, count);
  return values === undefined ? undefined : { names: names.names, values, known: names };
}

/** How many there are, from a `struct ethtool_sset_info` with one number behind it; `undefined` when there are none, or too many. */
export function decodeStatisticsCount(bytes: Buffer): number | undefined {
  const count = bytes.readUInt32LE(SET_SIZE);
  return bytes.readBigUInt64LE(SET.sset_mask) === 0n || count === 0 || count > MOST_STATISTICS ? undefined : count;
}

/** Reads the texts behind a `struct ethtool_gstrings`; the known ones when they still are. `undefined` when there are not as many any more. */
export function decodeStatisticNames(bytes: Buffer, count: number, known: KnownNames | undefined): KnownNames | undefined {
  if (bytes.readUInt32LE(STRINGS.len) !== count) return undefined;
  const texts = bytes.subarray(STRINGS_SIZE, STRINGS_SIZE + count * LINUX.ETH_GSTRING_LEN);
  if (known?.bytes.equals(texts) === true) return known;
  const names = Array.from({ length: count }, (_, index) => readText(texts, index * LINUX.ETH_GSTRING_LEN, LINUX.ETH_GSTRING_LEN).trim());
  return { bytes: Buffer.from(texts), names };
}

/** Reads the values behind a `struct ethtool_stats`; `undefined` when there are not as many any more. */
export function decodeStatisticValues(bytes: Buffer, count: number): readonly number[] | undefined {
  if (bytes.readUInt32LE(STATS.n_stats) !== count) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const at = STATS_SIZE + index * VALUE_SIZE;
    return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
  });
}
