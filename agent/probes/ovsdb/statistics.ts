import type { ElementId } from '../../../src/graph/element.js';
import type { OvsRow } from '../../ovsdb/ovsdb.js';
import { idOf, mapIn } from '../../ovsdb/values.js';
import type { GraphWriter } from '../kit/graphWriter.js';
import { readingOf } from '../kit/reading.js';

/** Counters of an interface of the switch, with the names that those of the kernel have. */
export const SWITCH_COUNTERS = [
  ['collisions', 'Collisions', 'packets'],
  ['rx_bytes', 'RxBytes', 'bytes'],
  ['rx_crc_err', 'RxCrcErrors', 'packets'],
  ['rx_dropped', 'RxDropped', 'packets'],
  ['rx_errors', 'RxErrors', 'packets'],
  ['rx_frame_err', 'RxFrameErrors', 'packets'],
  ['rx_over_err', 'RxOverErrors', 'packets'],
  ['rx_packets', 'RxPackets', 'packets'],
  ['tx_bytes', 'TxBytes', 'bytes'],
  ['tx_dropped', 'TxDropped', 'packets'],
  ['tx_errors', 'TxErrors', 'packets'],
  ['tx_packets', 'TxPackets', 'packets'],
] as const;
const NAMES = SWITCH_COUNTERS.map(([, name]) => name);

/** What the switch counted, and when it was asked. */
export class SwitchStatistics {
  private last = new Map<string, { readonly counters: readonly number[]; readonly countersAt: number; readonly appearedAt: undefined }>();

  constructor(private readonly graph: GraphWriter) {}

  /** Takes a reading of all interfaces: rows with `_uuid` and `statistics`. */
  take(rows: readonly OvsRow[], nodes: ReadonlyMap<string, ElementId>, now: number): void {
    const known = this.last;
    this.last = new Map();
    this.graph.batch(() => {
      for (const row of rows) {
        const uuid = idOf(row._uuid!);
        const node = nodes.get(uuid);
        if (node === undefined) continue;
        const statistics = mapIn<number>(row, 'statistics');
        // The database says -1 of what a device does not count.
        const counters = SWITCH_COUNTERS.map(([name]) => Math.max(0, statistics[name] ?? 0));
        const before = known.get(uuid);
        const written = readingOf(NAMES, 'Ovs.', before ?? NEVER, counters, now);
        if (written !== undefined) this.graph.measure(node, written);
        this.last.set(uuid, { counters, countersAt: now, appearedAt: undefined });
      }
    });
  }
}

const NEVER = { counters: undefined, countersAt: 0, appearedAt: undefined };
