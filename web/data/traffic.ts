import { type Family, familyOf, type Kinded } from './kinds.js';

/** What an interface receives and sends, bit/s; `undefined` where nothing counts. */
export interface Rates {
  readonly rx: number | undefined;
  readonly tx: number | undefined;
}

interface Link {
  readonly relationType: string;
  readonly sourceId: string;
  readonly targetId: string;
}

/** What moves along a link, bit/s. */
export interface Traffic {
  /** From its source to its target. */
  readonly forth: number;
  readonly back: number;
}

/** What others are plugged into: a reading of it is of all of them together. */
const MASTERS: ReadonlySet<Family> = new Set(['bridge', 'bond']);
/** What stands upon another interface: a reading of it is its own share. */
const UPON: ReadonlySet<Family> = new Set(['vlan', 'tunnel']);

/**
 * Traffic of a link of layer 2, from the reading of that end which says most about it; `undefined` where neither end is read. What a port of
 * a bridge sends comes from the bridge; what one end of a cable, or what stands upon another interface, sends goes to the other end.
 */
export function trafficOf(
  { relationType, sourceId, targetId }: Link,
  nodes: ReadonlyMap<string, Pick<Kinded, 'type'>>,
  readings: ReadonlyMap<string, Rates>,
): Traffic | undefined {
  if (relationType !== 'layer2') return undefined;
  const [source, target] = [readings.get(sourceId), readings.get(targetId)];
  const [from, to] = [familyAt(sourceId, nodes), familyAt(targetId, nodes)];
  if (MASTERS.has(from) !== MASTERS.has(to)) return MASTERS.has(to) ? reversed(sentBy(source)) : sentBy(target);
  if (UPON.has(from)) return sentBy(source);
  if (UPON.has(to)) return reversed(sentBy(target));
  return sentBy(source) ?? reversed(sentBy(target));
}

const sentBy = (reading: Rates | undefined): Traffic | undefined =>
  reading?.rx === undefined ? undefined : { forth: reading.tx ?? 0, back: reading.rx };
const reversed = (traffic: Traffic | undefined): Traffic | undefined => traffic && { forth: traffic.back, back: traffic.forth };

function familyAt(id: string, nodes: ReadonlyMap<string, Pick<Kinded, 'type'>>): Family {
  const node = nodes.get(id);
  return node === undefined ? 'other' : familyOf(node as Kinded);
}

/** Agents are silent while nothing moves: after so many of its own intervals a reading is over, and means nothing moves. */
const KEPT_INTERVALS = 2.5;
const LEAST_KEPT_MS = 10_000;

/** Until when a reading of such an interval counts, epoch milliseconds. */
export const countsUntil = (start: number, end: number): number => end + Math.max(LEAST_KEPT_MS, (end - start) * KEPT_INTERVALS);
