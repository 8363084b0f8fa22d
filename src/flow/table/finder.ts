import { ENDPOINT, type Slice } from '../decode/slice.js';
import { HOT, hotAt, KIND, type FlowColumns } from './columns.js';
import { conversationHash, endHash, foldAddress } from './endHash.js';
import { HashIndex } from './hashIndex.js';
import type { TableMemory } from './tableMemory.js';

/** Finds the row of a packet's part by the fields of its key, whichever of the two ends sent it. */
export class FlowFinder {
  readonly index: HashIndex;
  /** Whether the last part that was found came from A. */
  forward = true;
  /** Hash and kind of the part that was looked for last: what a new row is made with. */
  hash = 0;
  kind = 0;

  constructor(
    private readonly columns: FlowColumns,
    readonly preferL2: boolean,
    readonly seed: number,
    memory?: TableMemory,
  ) {
    this.index = new HashIndex(memory);
  }

  /** The row, or -1 when there is none yet. */
  find(slice: Slice, parent: number, external: boolean): number {
    const withMac = slice.hasMac && (this.preferL2 || slice.network === 0);
    const byTunnel = slice.keyedByTunnel || external;
    const kind =
      slice.network |
      (slice.transport << KIND.transportShift) |
      (slice.hasIcmp ? KIND.icmp : 0) |
      (slice.keyedByTunnel ? KIND.tunnel : 0) |
      (withMac ? KIND.mac : 0) |
      (external ? KIND.external : 0);
    const tunnel = byTunnel ? slice.networkId | 0 : 0;
    const sourcePort = slice.transport === 0 || slice.keyedByTunnel ? 0 : slice.sourcePort;
    const targetPort = slice.transport === 0 ? 0 : slice.targetPort;
    const other = Math.imul(slice.hasIcmp ? slice.icmp : 0, 0x9e3779b1) ^ tunnel;
    const hash = conversationHash(
      this.endHash(slice, withMac, sourcePort, true),
      this.endHash(slice, withMac, slice.keyedByTunnel ? 0 : targetPort, false),
      kind,
      parent,
      other,
    );
    this.hash = hash;
    this.kind = kind;
    const { index } = this;
    const { pairs, mask } = index;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      if (pairs[at * 2 + 1] === 0 && !(index.isGrowing && index.bring(hash))) return -1;
      const entry = pairs[at * 2 + 1]!;
      if (pairs[at * 2] === hash && this.matches(entry - 1, slice, kind, tunnel, parent, withMac)) return entry - 1;
    }
  }

  private endHash(slice: Slice, withMac: boolean, port: number, isSource: boolean): number {
    const { seed } = this;
    const macHigh = withMac ? (isSource ? slice.sourceMacHigh : slice.targetMacHigh) : 0;
    const macLow = withMac ? (isSource ? slice.sourceMacLow : slice.targetMacLow) : 0;
    let address = 0;
    if (slice.network === ENDPOINT.ipv4) address = isSource ? slice.source0 : slice.target0;
    else if (slice.network === ENDPOINT.ipv6) {
      address = isSource
        ? foldAddress(seed, slice.source0, slice.source1, slice.source2, slice.source3)
        : foldAddress(seed, slice.target0, slice.target1, slice.target2, slice.target3);
    }
    return endHash(seed, port, macHigh, macLow, address);
  }

  private matches(row: number, slice: Slice, kind: number, tunnel: number, parent: number, withMac: boolean): boolean {
    const hot = this.columns.hot(row);
    const at = hotAt(row);
    if (hot[at + HOT.kind] !== kind || hot[at + HOT.parent] !== parent || hot[at + HOT.tunnel] !== tunnel) return false;
    const ports = hot[at + HOT.ports]!;
    if (slice.hasIcmp && slice.transport === 0 && ports !== slice.icmp) return false;
    if (this.isFrom(hot, at, ports, slice, withMac, true)) {
      this.forward = true;
      return true;
    }
    this.forward = false;
    return this.isFrom(hot, at, ports, slice, withMac, false);
  }

  /** Whether the part's source is A and its target B, or the other way round. */
  private isFrom(hot: Int32Array, at: number, ports: number, slice: Slice, withMac: boolean, a: boolean): boolean {
    if (slice.transport !== 0) {
      // A tunnel's source port changes with each inner flow; its target port is the service in both directions.
      if (slice.keyedByTunnel) {
        if ((ports & 0xffff) !== slice.targetPort) return false;
      } else if (ports !== (a ? (slice.sourcePort << 16) | slice.targetPort : (slice.targetPort << 16) | slice.sourcePort)) return false;
    }
    if (slice.network !== 0) {
      const source = at + (a ? HOT.addressA : HOT.addressB);
      const target = at + (a ? HOT.addressB : HOT.addressA);
      if (hot[source] !== slice.source0 || hot[target] !== slice.target0) return false;
      if (slice.network === ENDPOINT.ipv6) {
        if (hot[source + 1] !== slice.source1 || hot[source + 2] !== slice.source2 || hot[source + 3] !== slice.source3) return false;
        if (hot[target + 1] !== slice.target1 || hot[target + 2] !== slice.target2 || hot[target + 3] !== slice.target3) return false;
      }
    }
    if (!withMac) return true;
    const lows = a ? (slice.sourceMacLow << 16) | slice.targetMacLow : (slice.targetMacLow << 16) | slice.sourceMacLow;
    return (
      hot[at + HOT.macLows] === lows &&
      hot[at + HOT.macAHigh] === (a ? slice.sourceMacHigh : slice.targetMacHigh) &&
      hot[at + HOT.macBHigh] === (a ? slice.targetMacHigh : slice.sourceMacHigh)
    );
  }
}
