import { LINK_COUNTERS, LINUX, OFFSET, SIZE } from '../abi.js';
import { eachAttribute } from './message.js';

/** RTM_NEWSTATS, RTM_GETSTATS: `struct if_stats_msg` and IFLA_STATS attributes (linux/if_link.h). */

const FIELDS = OFFSET['struct if_stats_msg'];
const HEADER_SIZE = SIZE['struct if_stats_msg'];

export interface LinkCounters {
  readonly ifIndex: number;
  /** In the order of `LINK_COUNTERS`. Exact up to 2⁵³. */
  readonly values: readonly number[];
}

/** `undefined` when the bytes hold no counters of a link. */
export function decodeLinkCounters(body: Buffer): LinkCounters | undefined {
  if (body.length < HEADER_SIZE) return undefined;
  const ifIndex = body.readInt32LE(FIELDS.ifindex);
  let values: number[] | undefined;
  eachAttribute(body, HEADER_SIZE, body.length, (type, at, length) => {
    if (type !== LINUX.IFLA_STATS_LINK_64) return;
    // Older kernels know fewer counters: what is not sent is zero.
    values = LINK_COUNTERS.map((_, index) => (length >= index * 8 + 8 ? readCounter(body, at + index * 8) : 0));
  });
  return values === undefined || ifIndex <= 0 ? undefined : { ifIndex, values };
}

const readCounter = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;

/** Header of a request for the counters of all links. */
export function countersHeader(): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  header.writeUInt32LE(1 << (LINUX.IFLA_STATS_LINK_64 - 1), FIELDS.filter_mask);
  return header;
}
