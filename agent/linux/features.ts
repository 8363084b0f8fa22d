import { LINUX, OFFSET, SIZE } from './abi.js';
import { askEthtool } from './ethtool.js';
import { readText } from './netlink/message.js';

/** Offload features by ethtool: names are the kernel's, the same for every link; each link has a bit for each (linux/ethtool.h). */

/** By name of ethtool (`highdma`, `tx-checksum-ip-generic`), whether it is on. Links with the same features share one object. */
export type Features = Readonly<Record<string, boolean>>;

const SET = OFFSET['struct ethtool_sset_info'];
const STRINGS = OFFSET['struct ethtool_gstrings'];
const STRINGS_SIZE = SIZE['struct ethtool_gstrings'];
const FEATURES = OFFSET['struct ethtool_gfeatures'];
const FEATURES_SIZE = SIZE['struct ethtool_gfeatures'];
const BLOCK_SIZE = SIZE['struct ethtool_get_features_block'];
const { active: ACTIVE } = OFFSET['struct ethtool_get_features_block'];
const BITS_OF_BLOCK = 32;
/** More different answers than this are not kept: something makes them up. */
const MOST_KEPT = 1_024;

/** A kernel with more features than this is not believed. */
const MOST_FEATURES = 1_024;

let names: readonly string[] | undefined;
let answer = Buffer.allocUnsafeSlow(0);
const known = new Map<string, Features>();

/** `undefined` where the link is gone or the kernel cannot say. */
export function readFeatures(fd: number, link: string): Features | undefined {
  names ??= readNames(fd, link);
  if (names === undefined) return undefined;
  answer.fill(0);
  answer.writeUInt32LE(LINUX.ETHTOOL_GFEATURES, FEATURES.cmd);
  answer.writeUInt32LE(Math.ceil(names.length / BITS_OF_BLOCK), FEATURES.size);
  if (!askEthtool(fd, link, answer)) return undefined;
  const key = answer.toString('latin1', FEATURES_SIZE);
  const before = known.get(key);
  if (before !== undefined) return before;
  const features = decodeFeatures(names, answer);
  if (known.size >= MOST_KEPT) known.clear();
  known.set(key, features);
  return features;
}

/** Reads the blocks behind a `struct ethtool_gfeatures`, which has room for all names. */
export function decodeFeatures(names: readonly string[], bytes: Buffer): Features {
  const features: Record<string, boolean> = {};
  names.forEach((name, bit) => {
    const word = bytes.readUInt32LE(FEATURES_SIZE + Math.floor(bit / BITS_OF_BLOCK) * BLOCK_SIZE + ACTIVE);
    // Numbers without a name are holes in the kernel's list.
    if (name !== '') features[name] = ((word >>> (bit % BITS_OF_BLOCK)) & 1) === 1;
  });
  return features;
}

/** How many names there are, from a `struct ethtool_sset_info` with one number behind it; `undefined` when there are none, or too many to be believed. */
export function decodeNameCount(bytes: Buffer): number | undefined {
  const count = bytes.readUInt32LE(SIZE['struct ethtool_sset_info']);
  return bytes.readBigUInt64LE(SET.sset_mask) === 0n || count === 0 || count > MOST_FEATURES ? undefined : count;
}

/** Reads the texts behind a `struct ethtool_gstrings`, which has room for as many. */
export const decodeNames = (bytes: Buffer, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => readText(bytes, STRINGS_SIZE + index * LINUX.ETH_GSTRING_LEN, LINUX.ETH_GSTRING_LEN));

function readNames(fd: number, link: string): readonly string[] | undefined {
  const info = Buffer.alloc(SIZE['struct ethtool_sset_info'] + 4);
  info.writeUInt32LE(LINUX.ETHTOOL_GSSET_INFO, SET.cmd);
  info.writeBigUInt64LE(1n << BigInt(LINUX.ETH_SS_FEATURES), SET.sset_mask);
  const count = askEthtool(fd, link, info) ? decodeNameCount(info) : undefined;
  if (count === undefined) return undefined;
  const strings = Buffer.alloc(STRINGS_SIZE + count * LINUX.ETH_GSTRING_LEN);
  strings.writeUInt32LE(LINUX.ETHTOOL_GSTRINGS, STRINGS.cmd);
  strings.writeUInt32LE(LINUX.ETH_SS_FEATURES, STRINGS.string_set);
  strings.writeUInt32LE(count, STRINGS.len);
  if (!askEthtool(fd, link, strings)) return undefined;
  answer = Buffer.allocUnsafeSlow(FEATURES_SIZE + Math.ceil(count / BITS_OF_BLOCK) * BLOCK_SIZE);
  return decodeNames(strings, count);
}
