import type { RawPacket } from '../../flow/flow.js';
import type { FlowCondition } from '../../flowstore/condition.js';
import type { FlowSpan, FlowStore, KeptPacket } from '../../flowstore/store.js';
import type { Asker } from '../asker.js';
import type { ReadScope } from '../readScope.js';
import type { SeenHistory } from '../sight/seenHistory.js';
import { captureNodeOf } from './flowEnds.js';
import type { LiveFlows } from './liveFlows.js';
import { whollySeen } from './seenFlows.js';

/** Packets that are read from the store at once. */
const PAGE = 2_000;

/** A packet, and the interface at which it was captured: `eth0 of web-1`; its topological id where that is gone. */
export interface PlacedPacket {
  readonly packet: RawPacket;
  readonly place: string;
}

export interface CapturePacketsParts {
  readonly store: FlowStore;
  readonly live: LiveFlows;
  readonly seenHistory: SeenHistory;
}

/** All packets that one capture kept of its flows within a time, in their order: those of the store, and those that agents still hold. Never all of them at once. */
export async function* capturePackets(
  { store, live, seenHistory }: CapturePacketsParts,
  { scope }: Pick<Asker, 'scope'>,
  capture: string,
  span: FlowSpan,
): AsyncGenerator<PlacedPacket> {
  const condition: FlowCondition = { kind: 'text', field: 'capture', filter: { eq: capture } };
  const places = new Map<string, string>();
  const placed = ({ nodeTid, packet }: KeptPacket): PlacedPacket => {
    let place = places.get(nodeTid);
    if (place === undefined) {
      const node = captureNodeOf({ NodeTID: nodeTid }, scope.present());
      places.set(nodeTid, (place = node === undefined ? nodeTid : `${node.name} of ${node.host}`));
    }
    return { packet, place };
  };

  const shownOf = shownTo(store, live, seenHistory, scope, span);
  const held = (await shownOf(heldBy(live, capture, span))).sort(compare);
  const heldKeys = new Set(held.map(keyOf));
  let next = 0;
  let after: KeptPacket | undefined;
  let isLast = false;
  while (!isLast) {
    const page = await store.packets({ condition, span, after, limit: PAGE });
    for (const one of await shownOf(page)) {
      if (heldKeys.has(keyOf(one))) continue;
      for (; next < held.length && compare(held[next]!, one) < 0; next += 1) yield placed(held[next]!);
      yield placed(one);
    }
    isLast = page.length < PAGE;
    after = page.at(-1);
  }
  for (; next < held.length; next += 1) yield placed(held[next]!);
}

const keyOf = ({ uuid, packet }: KeptPacket): string => `${uuid} ${packet.Index}`;

const compare = ({ packet: a }: KeptPacket, { packet: b }: KeptPacket): number =>
  a.Timestamp - b.Timestamp || a.Nanos - b.Nanos || a.Index - b.Index;

/** Packets that agents sent since the latest update of their flows. */
function heldBy(live: LiveFlows, capture: string, { from, to }: FlowSpan): KeptPacket[] {
  const held: KeptPacket[] = [];
  for (const { UUID, NodeTID, CaptureID } of live.all()) {
    if (CaptureID !== capture) continue;
    for (const packet of live.rawPackets(UUID))
      if (packet.Timestamp >= from && packet.Timestamp <= to) held.push({ uuid: UUID, nodeTid: NodeTID ?? '', packet });
  }
  return held;
}

/** Keeps those packets that the viewer is shown: of flows whose node they saw as long as the flows lasted. Each flow is looked at once. */
function shownTo(
  store: FlowStore,
  live: LiveFlows,
  history: SeenHistory,
  scope: ReadScope,
  span: FlowSpan,
): (packets: readonly KeptPacket[]) => Promise<KeptPacket[]> {
  const verdicts = new Map<string, boolean>();
  return async (packets) => {
    if (!scope.sight?.isPartial) return [...packets];
    const unknown = [...new Set(packets.map(({ uuid }) => uuid))].filter((uuid) => !verdicts.has(uuid));
    for (const uuid of unknown) verdicts.set(uuid, false);
    const condition: FlowCondition = { kind: 'id', field: 'uuid', in: unknown };
    const order = { field: 'START', isDescending: false } as const;
    const stored = unknown.length === 0 ? [] : (await store.flows({ span, condition, order, offset: 0, limit: unknown.length })).flows;
    // As it stands now it may have left what they see.
    const flows = [...stored, ...unknown.flatMap((uuid) => live.flow(uuid) ?? [])];
    const whole = new Set(await whollySeen(history, scope, flows));
    for (const flow of flows) verdicts.set(flow.UUID, whole.has(flow));
    return packets.filter(({ uuid }) => verdicts.get(uuid) === true);
  };
}
