import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { Flow, RawPacket } from '../../flow/flow.js';
import { EVERY_FLOW, flowPredicate, type FlowCondition } from '../../flowstore/condition.js';
import type { FlowOrderField, FlowsAnswer, FlowSpan, FlowStore, SummaryKey, SummaryMeasure } from '../../flowstore/store.js';
import type { FlowQuestion, FlowSource } from '../../gremlin/execute/flowSource.js';
import type { TimeSlice } from '../../gremlin/execute/traversal.js';
import { badValue } from '../../graph/filter/badValue.js';
import type { Flows } from '../../protocol/flows.js';
import type { Asker } from '../asker.js';
import { placeOf, cursorOf } from './pageCursor.js';
import { filterPackets } from './bpf.js';
import { capturePackets, type PlacedPacket } from './capturePackets.js';
import type { NodeView } from '../elementView.js';
import { resolveInstant, resolveRange, type Instant, type TimeRange } from '../instant.js';
import { requireRight } from '../viewer.js';
import { flowCondition, type FlowFilter } from './filter.js';
import { FlowView } from './flowView.js';
import { importPcap, type ImportedPcap } from './importPcap.js';
import { LiveFlows, type LiveFlowsParts } from './liveFlows.js';
import { flowsSeen, whollySeen } from './seenFlows.js';
import type { SeenHistory } from '../sight/seenHistory.js';
import { groupView, rankedByNode, type FlowGroupView } from './summary.js';

export interface FlowParts extends LiveFlowsParts {
  readonly store: FlowStore;
  readonly seenHistory: SeenHistory;
  readonly clock: Clock;
  readonly pageSize: number;
}

export interface FlowOrder {
  readonly field?: FlowOrderField | null;
  readonly direction?: 'ASC' | 'DESC' | null;
}

export interface FlowsPage {
  readonly filter?: FlowFilter | null;
  readonly orderBy?: FlowOrder | null;
  readonly at?: Instant | null;
  readonly between?: TimeRange | null;
  readonly first?: number | null;
  readonly after?: string | null;
}

/** Where flows were read: `LIVE` in the agents' tables as they stood when asked, `STORE` in the store of the past. */
export type FlowsFrom = 'LIVE' | 'STORE';

/** A page of flows, and where they are from. */
export interface FlowConnectionView {
  readonly nodes: readonly FlowView[];
  readonly edges: readonly { readonly node: FlowView; readonly cursor: string }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | undefined;
    readonly endCursor: string | undefined;
  };
  readonly totalCount: number;
  readonly source: FlowsFrom;
}

export type FlowDimension = Exclude<SummaryKey, 'A_MAC' | 'B_MAC'> | 'A_NODE' | 'B_NODE';

export interface SummaryRequest {
  readonly groupBy: readonly FlowDimension[];
  readonly filter?: FlowFilter | null;
  readonly between: TimeRange;
  /** Milliseconds. */
  readonly step?: number | null;
  readonly orderBy?: SummaryMeasure | null;
  readonly limit?: number | null;
}

const DEFAULT_PAGE = 50;
const DEFAULT_GROUPS = 20;
const MOST_GROUPS = 10_000;
const MOST_STEPS = 2_000;
/** Groups, each step of time counted, that one question may bring out of the store. */
const MOST_ROWS = 200_000;

/** Flows that one Gremlin string may take from the store. */
const MOST_FLOWS_IN_STRING = 200_000;

/** Flows: those in agents' tables now, and those of the past. */
export class FlowService {
  readonly live: LiveFlows;

  constructor(private readonly parts: FlowParts) {
    this.live = new LiveFlows(parts);
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  // ── agents ──

  /** Takes a batch. What counts something goes to the store; how flows stand in between only into the live table. Throws `PROTOCOL_VIOLATION`. */
  take(origin: string, flows: Flows, clockOffset: number): Promise<void> | undefined {
    this.live.take(origin, flows, clockOffset);
    return flows.batchKind === 'UPDATE' ? this.parts.store.append({ batch: flows.batch, origin, clockOffset }) : undefined;
  }

  // ── asking ──

  /** A page of flows: as they stand now, or those that were there at an instant or within a time. */
  async flows(
    asker: Asker,
    { filter, orderBy, at, between, first, after }: FlowsPage,
    condition?: FlowCondition,
  ): Promise<FlowConnectionView> {
    requireRight(asker.viewer, 'topology', 'read');
    const { clock, pageSize } = this.parts;
    const limit = first ?? DEFAULT_PAGE;
    if (!Number.isInteger(limit) || limit < 0 || limit > pageSize)
      throw badValue('first', first, `a number of entries from 0 to ${pageSize}`);
    if (at !== null && at !== undefined && between) throw badValue('between', 'at and between', 'one of at and between');
    const offset = after === null || after === undefined ? 0 : placeOf(after);
    const order = { field: orderBy?.field ?? 'LAST', isDescending: (orderBy?.direction ?? 'DESC') === 'DESC' } as const;
    const span = this.spanOf(at, between);
    const graph = span === undefined ? asker.scope.present().graph : (await asker.scope.at(Math.min(span.to, clock.now()))).graph;
    const seen = await this.seen(asker, span);
    const wanted: FlowCondition = { kind: 'all', of: [seen, flowCondition(filter, graph), ...(condition ? [condition] : [])] };
    const answer: FlowsAnswer =
      span === undefined
        ? await this.liveFlows(wanted, order, offset, limit)
        : await this.parts.store.flows({ span, condition: wanted, order, offset, limit });
    const nodes = answer.flows.map((flow) => new FlowView(flow, span === undefined, this));
    const cursorAt = (index: number): string => cursorOf(offset + index + 1);
    return {
      nodes,
      edges: nodes.map((node, index) => ({ node, cursor: cursorAt(index) })),
      pageInfo: {
        hasNextPage: offset + nodes.length < answer.total,
        hasPreviousPage: offset > 0,
        startCursor: nodes.length === 0 ? undefined : cursorAt(0),
        endCursor: nodes.length === 0 ? undefined : cursorAt(nodes.length - 1),
      },
      totalCount: answer.total,
      source: span === undefined ? 'LIVE' : 'STORE',
    };
  }

  /** Flows that were captured on the node, at its moment. */
  async flowsOn(asker: Asker, node: NodeView, page: Omit<FlowsPage, 'at' | 'between'>): Promise<FlowConnectionView> {
    const moment = node.there;
    const own: FlowCondition = { kind: 'text', field: 'nodeTid', filter: { in: node.tid === undefined ? [] : [node.tid] } };
    return this.flows(asker, { ...page, at: moment.isLive ? undefined : moment.at }, own);
  }

  /** Flows by their ids, among those of the present or those of a stretch of the past. */
  async byId(
    asker: Pick<Asker, 'scope'>,
    isLive: boolean,
    ids: readonly string[],
    field: 'uuid' | 'parent',
    span: { readonly from: number; readonly to: number },
  ): Promise<readonly Flow[]> {
    const condition: FlowCondition = {
      kind: 'all',
      of: [{ kind: 'id', field, in: ids }, await this.seen(asker, isLive ? undefined : span)],
    };
    const order = { field: 'START', isDescending: false } as const;
    const { pageSize } = this.parts;
    if (isLive) return (await this.liveFlows(condition, order, 0, pageSize, false)).flows;
    return (await this.parts.store.flows({ span, condition, order, offset: 0, limit: pageSize })).flows;
  }

  /** Packets of a flow that were kept: of the past all within its time; of the present also those that the store has not. */
  async rawPackets({ viewer, scope }: Asker, flow: Flow, isLive: boolean): Promise<readonly RawPacket[]> {
    requireRight(viewer, 'capture', 'rawpackets');
    if ((await whollySeen(this.parts.seenHistory, scope, [flow])).length === 0) return [];
    const stored = await this.parts.store.rawPackets([flow.UUID], { from: flow.Start - 1_000, to: flow.Last + 1_000 });
    return together(stored.get(flow.UUID) ?? [], isLive ? this.live.rawPackets(flow.UUID) : []);
  }

  /** Packets that were kept of a flow: those that agents still hold, and those of the store since so long ago, ms. */
  async packetsOf({ viewer, scope }: Asker, uuid: string, lookBackMs: number): Promise<readonly RawPacket[]> {
    requireRight(viewer, 'capture', 'rawpackets');
    await this.live.refresh();
    const now = this.parts.clock.now();
    if (scope.sight?.isPartial) {
      const ever = await this.ever(uuid, { from: now - lookBackMs, to: now });
      if (ever === undefined || (await whollySeen(this.parts.seenHistory, scope, [ever])).length === 0) return [];
    }
    const stored = await this.parts.store.rawPackets([uuid], { from: now - lookBackMs, to: now });
    return together(stored.get(uuid) ?? [], this.live.rawPackets(uuid));
  }

  /** All packets that a capture kept within a time, in their order. */
  async *packetsOfCapture(asker: Asker, capture: string, span: FlowSpan): AsyncGenerator<PlacedPacket> {
    requireRight(asker.viewer, 'capture', 'rawpackets');
    await this.live.refresh();
    yield* capturePackets({ ...this.parts, live: this.live }, asker, capture, span);
  }

  /** Sums over what was counted within a time. Agents are asked first, so that a range that ends now has what just happened in the next update. */
  async summary(asker: Asker, request: SummaryRequest): Promise<readonly FlowGroupView[]> {
    requireRight(asker.viewer, 'topology', 'read');
    const { groupBy, between, step } = request;
    const limit = request.limit ?? DEFAULT_GROUPS;
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_GROUPS)
      throw badValue('limit', limit, `a number of groups from 1 to ${MOST_GROUPS}`);
    if (new Set(groupBy).size !== groupBy.length) throw badValue('groupBy', groupBy, 'each dimension once');
    const { from, to } = resolveRange(between, this.parts.clock);
    const stepMs = step ?? Math.max(1, Math.ceil((to - from) / 60));
    const steps = groupBy.includes('TIME') ? Math.ceil((to - from) / stepMs) : 1;
    if (!(stepMs > 0 && steps <= MOST_STEPS)) throw badValue('step', step, `at most ${MOST_STEPS} steps in the range`);
    if (groupBy.length > 1 && steps * limit > MOST_ROWS)
      throw badValue('limit', limit, `at most ${Math.floor(MOST_ROWS / steps)} groups of ${steps} steps`);
    const { scope } = asker;
    const moment = await scope.at(to);
    const orderBy = request.orderBy ?? 'BYTES';
    // A node is found by its address and its MAC: groups are made by both, and put together when it is known whose they are.
    const hasNodes = groupBy.includes('A_NODE') || groupBy.includes('B_NODE');
    const keys = [
      ...new Set(
        groupBy.flatMap((dimension): SummaryKey[] =>
          dimension === 'A_NODE' ? ['A_ADDRESS', 'A_MAC'] : dimension === 'B_NODE' ? ['B_ADDRESS', 'B_MAC'] : [dimension],
        ),
      ),
    ];
    const groups = await this.parts.store.summary({
      keys,
      span: { from, to },
      condition: { kind: 'all', of: [await this.seen(asker, { from, to }), flowCondition(request.filter, moment.graph)] },
      stepMs,
      orderBy,
      limit: hasNodes ? Math.floor(MOST_ROWS / steps) : limit,
    });
    const views = groups.map((group) => groupView(group, keys, groupBy, moment));
    return hasNodes ? rankedByNode(views, orderBy, limit) : views;
  }

  /** Flows for the Gremlin strings of somebody. */
  sourceFor({ scope }: Pick<Asker, 'scope'>): FlowSource {
    const { store, seenHistory } = this.parts;
    const found = new Map<string, Flow>();
    return {
      flows: async (question, spend) => {
        const flows = await this.flowsOfString(question, await this.seen({ scope }, question.slice), spend);
        if (scope.sight !== undefined) for (const flow of flows) found.set(flow.UUID, flow);
        return flows;
      },
      samples: (uuids, slice) => store.samples(uuids, slice),
      rawPackets: async (uuids, slice) => {
        if (scope.sight === undefined) return this.packetsOfString(uuids, slice);
        const whole = await whollySeen(
          seenHistory,
          scope,
          uuids.flatMap((uuid) => found.get(uuid) ?? []),
        );
        return this.packetsOfString(
          whole.map(({ UUID }) => UUID),
          slice,
        );
      },
      filterPackets,
    };
  }

  /** Which flows are seen by somebody, now or within a span. */
  seen({ scope }: Pick<Asker, 'scope'>, span?: FlowSpan): Promise<FlowCondition> {
    return flowsSeen(this.parts.seenHistory, scope, span);
  }

  /** Puts the flows of a capture file into the store. Throws `BAD_INPUT` for what is none. */
  importPcap(asker: Pick<Asker, 'viewer'>, file: Uint8Array): Promise<ImportedPcap> {
    return importPcap(asker, file, this.parts.store);
  }

  close(): void {
    this.live.close();
  }

  /** `undefined`: the present. */
  private spanOf(
    at: Instant | null | undefined,
    between: TimeRange | null | undefined,
  ): { readonly from: number; readonly to: number } | undefined {
    const { clock } = this.parts;
    if (between) return resolveRange(between, clock);
    if (at === null || at === undefined) return undefined;
    const now = clock.now();
    const instant = resolveInstant(at, now);
    return instant >= now ? undefined : { from: instant, to: instant };
  }

  private async liveFlows(
    condition: FlowCondition,
    { field, isDescending }: { readonly field: FlowOrderField; readonly isDescending: boolean },
    offset: number,
    limit: number,
    asksAgents = true,
  ): Promise<FlowsAnswer> {
    if (asksAgents) await this.live.refresh();
    const test = flowPredicate(condition);
    const found: Flow[] = [];
    for (const flow of this.live.all()) if (test(flow)) found.push(flow);
    const read = ORDERS[field];
    const sign = isDescending ? -1 : 1;
    found.sort((a, b) => sign * (read(a) - read(b) || (a.UUID < b.UUID ? -1 : 1)));
    return { flows: found.slice(offset, offset + limit), total: found.length };
  }

  /** A flow as it was heard of last, wherever it was captured. */
  private async ever(uuid: string, span: FlowSpan): Promise<Flow | undefined> {
    const condition: FlowCondition = { kind: 'id', field: 'uuid', in: [uuid] };
    const order = { field: 'LAST', isDescending: true } as const;
    const [stored] = (await this.parts.store.flows({ span, condition, order, offset: 0, limit: 1 })).flows;
    return stored ?? (await this.liveFlows(condition, order, 0, 1, false)).flows[0];
  }

  private async flowsOfString(
    { slice, nodeTids }: FlowQuestion,
    seen: FlowCondition,
    spend: (flows: number) => void,
  ): Promise<readonly Flow[]> {
    const captured: FlowCondition = nodeTids === undefined ? EVERY_FLOW : { kind: 'text', field: 'nodeTid', filter: { in: nodeTids } };
    const condition: FlowCondition = { kind: 'all', of: [seen, captured] };
    if (slice === undefined) {
      await this.live.refresh();
      const test = flowPredicate(condition);
      const found: Flow[] = [];
      for (const flow of this.live.all()) if (test(flow)) found.push(flow);
      spend(found.length);
      return found;
    }
    const order = { field: 'LAST', isDescending: true } as const;
    const { flows, total } = await this.parts.store.flows({ span: slice, condition, order, offset: 0, limit: MOST_FLOWS_IN_STRING });
    spend(flows.length);
    if (total > flows.length) {
      throw new CanopyError(
        'LIMIT_EXCEEDED',
        `${total} flows were there then; a string takes at most ${MOST_FLOWS_IN_STRING}: give nodes or a shorter time`,
        {
          details: { limit: MOST_FLOWS_IN_STRING, actual: total },
        },
      );
    }
    return flows;
  }

  private async packetsOfString(
    uuids: readonly string[],
    slice: TimeSlice | undefined,
  ): Promise<ReadonlyMap<string, readonly RawPacket[]>> {
    if (slice !== undefined) return this.parts.store.rawPackets(uuids, { from: slice.from === slice.to ? 0 : slice.from, to: slice.to });
    return new Map(uuids.map((uuid) => [uuid, this.live.rawPackets(uuid)] as const).filter(([, packets]) => packets.length > 0));
  }
}

/** Packets of one flow from several places, each once and in order. */
function together(...lists: readonly (readonly RawPacket[])[]): RawPacket[] {
  const packets = new Map(lists.flatMap((list) => list.map((packet) => [packet.Index, packet] as const)));
  return [...packets.values()].sort((a, b) => a.Index - b.Index);
}

const ORDERS: Readonly<Record<FlowOrderField, (flow: Flow) => number>> = {
  START: ({ Start }) => Start,
  LAST: ({ Last }) => Last,
  BYTES: ({ Metric }) => (Metric?.ABBytes ?? 0) + (Metric?.BABytes ?? 0),
  PACKETS: ({ Metric }) => (Metric?.ABPackets ?? 0) + (Metric?.BAPackets ?? 0),
};
