import type { Cancel, Clock } from '../../common/clock.js';
import { FLOW_UPDATE } from '../../common/config/defaults.js';
import { readFlowBatch, type FlowBatch } from '../../flow/batch/flowBatch.js';
import type { Flow, RawPacket } from '../../flow/flow.js';
import type { Flows } from '../../protocol/flows.js';
import type { Position } from '../../graph/position.js';
import type { AgentPort } from '../captures/agents.js';
import { EndedFlows } from './endedFlows.js';
import { FlowNews, onOurClock } from './flowNews.js';

/** How long an answer of the agents is waited for, ms; what comes later is in the next answer. */
const REFRESH_MS = 1_500;

/** An answer that is as young as this, ms, need not be asked for again. */
const FRESH_MS = 200;

/** A flow of which nothing was heard for so long, ms, is in no table any more: two periods of expiry. */
const FORGOTTEN_MS = 1_320_000;
const TIDY_MS = 30_000;

/** A closed connection of which nothing was heard for so long, ms, is in no table any more: agents let go of it with the next update, and say no more of it. */
const CLOSED_MS = FLOW_UPDATE;

/** How long the flows of an agent that went are shown, ms: as long as its nodes. */
const GRACE_MS = 35_000;

/** The newest that is known of a flow. */
export interface Standing {
  readonly batch: FlowBatch;
  readonly row: number;
  readonly arrival: Arrival;
  /** In the order of what was heard; each is given once, and kept as long as the flow stands as it did. */
  readonly place: number;
}

/** What the flows of one batch have in common. */
interface Arrival {
  readonly origin: string;
  readonly clockOffset: number;
  readonly at: number;
  /** Bytes of the batch. */
  readonly bytes: number;
}

/** What a flow stands by: where none of it is another, only the time has gone on since it was heard of. */
const STANDS_BY = [
  'Metric.ABPackets',
  'Metric.ABBytes',
  'Metric.BAPackets',
  'Metric.BABytes',
  'Metric.RTT',
  'Last',
  'FinishType',
  'RawPacketsCaptured',
] as const;

export interface LiveFlowsParts {
  readonly agents: AgentPort;
  readonly clock: Clock;
  /** Flows that are kept at most; beyond it those heard of longest ago go. */
  readonly most: number;
}

function standsAs({ batch, row }: Standing, other: FlowBatch, otherRow: number): boolean {
  // Captures on one node give a conversation that they saw begin together the same id.
  if (batch.captureId !== other.captureId) return false;
  for (const column of STANDS_BY) if (batch.number(column)[row] !== other.number(column)[otherRow]) return false;
  return true;
}

/** The flows that are in agents' tables, as far as they were heard of, and a way to hear the rest. */
export class LiveFlows {
  private readonly standing = new Map<string, Standing>();
  private readonly ended = new EndedFlows();
  /** Of this start: places of another mean nothing here. */
  private readonly epoch: number;
  private place = 0;
  private readonly listeners = new Set<(news: FlowNews) => void>();
  private readonly lost = new Map<string, Cancel>();
  private readonly cancelTidy: Cancel;
  private request = 0;
  private awaited: { readonly request: number; readonly origins: Set<string>; readonly done: () => void } | undefined;
  private refreshing: Promise<void> | undefined;
  private refreshedAt = -Infinity;

  constructor(private readonly parts: LiveFlowsParts) {
    this.epoch = parts.clock.now();
    this.cancelTidy = parts.clock.every(TIDY_MS, () => this.tidy());
  }

  get size(): number {
    return this.standing.size;
  }

  /** Throws `PROTOCOL_VIOLATION` for bytes that are no batch. */
  take(origin: string, { batch: bytes, batchKind }: Flows, clockOffset: number): void {
    const batch = readFlowBatch(bytes);
    const arrival: Arrival = { origin, clockOffset, at: this.parts.clock.monotonic(), bytes: bytes.length };
    const ended: Standing[] = [];
    const changedRows: number[] = [];
    for (let row = 0; row < batch.length; row += 1) {
      const uuid = batch.id('UUID', row);
      const goesOn = batchKind === 'REFRESH' || batch.reason(row) === 'update';
      const known = this.standing.get(uuid);
      const isChanged = !goesOn || known === undefined || !standsAs(known, batch, row);
      if (isChanged) changedRows.push(row);
      const standing = { batch, row, arrival, place: isChanged ? (this.place += 1) : known.place };
      // At the end of the list: the first are those heard of longest ago.
      this.standing.delete(uuid);
      if (goesOn) this.standing.set(uuid, standing);
      else ended.push(standing);
    }
    this.ended.add(ended, bytes.length);
    for (const [uuid, { place }] of this.standing) {
      if (this.standing.size <= this.parts.most) break;
      this.standing.delete(uuid);
      this.ended.forget(place);
    }
    if (this.listeners.size === 0) return;
    const news = new FlowNews(origin, batchKind, batch, clockOffset, changedRows);
    for (const listener of this.listeners) listener(news);
  }

  /** Told of every batch from now on. */
  listen(listener: (news: FlowNews) => void): Cancel {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Up to here everything was heard. */
  get position(): Position {
    return { epoch: this.epoch, seq: this.place };
  }

  /** The oldest position from which nothing that was heard since is missing. */
  get oldest(): Position {
    return { epoch: this.epoch, seq: this.ended.floor };
  }

  /** Whether everything since the position is still known. */
  leadsOn({ epoch, seq }: Position): boolean {
    return epoch === this.epoch && seq >= this.ended.floor && seq <= this.place;
  }

  /** What changed after a position that leads on: each flow once, as it stands or ended, with its place, in their order. */
  since({ seq }: Position): { readonly flow: () => Flow; readonly place: number }[] {
    const changed = [...this.ended.since(seq)];
    for (const standing of this.standing.values()) if (standing.place > seq) changed.push(standing);
    return changed
      .sort((a, b) => a.place - b.place)
      .map(({ batch, row, arrival, place }) => ({ flow: () => onOurClock(batch.flow(row), arrival.clockOffset), place }));
  }

  /** Flows as they stand, times on our clock. */
  *all(): Generator<Flow> {
    const before = this.parts.clock.monotonic() - CLOSED_MS;
    for (const standing of this.standing.values()) {
      const { batch, row, arrival } = standing;
      if (arrival.at > before || !isClosed(standing)) yield onOurClock(batch.flow(row), arrival.clockOffset);
    }
  }

  flow(uuid: string): Flow | undefined {
    const standing = this.standing.get(uuid);
    return standing && onOurClock(standing.batch.flow(standing.row), standing.arrival.clockOffset);
  }

  /** Packets kept since the flow's last update. */
  rawPackets(uuid: string): readonly RawPacket[] {
    const standing = this.standing.get(uuid);
    if (standing === undefined) return [];
    const { clockOffset } = standing.arrival;
    return standing.batch.rawPackets(standing.row).map((packet) => ({ ...packet, Timestamp: packet.Timestamp - clockOffset }));
  }

  /** Hears from all agents how their flows stand now. Resolves when they have answered, or have taken too long. */
  refresh(): Promise<void> {
    const { clock } = this.parts;
    if (clock.monotonic() - this.refreshedAt < FRESH_MS) return Promise.resolve();
    return (this.refreshing ??= this.askAll().finally(() => (this.refreshing = undefined)));
  }

  private askAll(): Promise<void> {
    const { agents, clock } = this.parts;
    const request = (this.request += 1);
    const origins = new Set(agents.connected().filter((origin) => agents.send(origin, { kind: 'flowsRefresh', request })));
    if (origins.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.awaited = undefined;
        this.refreshedAt = clock.monotonic();
        resolve();
      };
      const cancel = clock.after(REFRESH_MS, done);
      this.awaited = { request, origins, done };
    });
  }

  refreshed(origin: string, request: number): void {
    const { awaited } = this;
    if (awaited?.request !== request) return;
    awaited.origins.delete(origin);
    if (awaited.origins.size === 0) awaited.done();
  }

  /** All that is in the agent's tables: what else is known of it is there no more. */
  keepOnly(origin: string, uuids: ReadonlySet<string>): void {
    for (const [uuid, { arrival, place }] of this.standing) {
      if (arrival.origin !== origin || uuids.has(uuid)) continue;
      this.standing.delete(uuid);
      this.ended.forget(place);
    }
  }

  connected(origin: string): void {
    this.lost.get(origin)?.();
    this.lost.delete(origin);
  }

  disconnected(origin: string): void {
    const { awaited } = this;
    if (awaited !== undefined) this.refreshed(origin, awaited.request);
    this.lost.get(origin)?.();
    const cancel = this.parts.clock.after(GRACE_MS, () => {
      this.lost.delete(origin);
      for (const [uuid, { arrival, place }] of this.standing) {
        if (arrival.origin !== origin) continue;
        this.standing.delete(uuid);
        this.ended.forget(place);
      }
    });
    this.lost.set(origin, cancel);
  }

  close(): void {
    this.cancelTidy();
    for (const cancel of this.lost.values()) cancel();
    this.awaited?.done();
    this.listeners.clear();
  }

  private tidy(): void {
    const now = this.parts.clock.monotonic();
    const closed = new Map<Arrival, Standing[]>();
    for (const [uuid, standing] of this.standing) {
      const { arrival, place } = standing;
      if (arrival.at > now - CLOSED_MS) break;
      if (isClosed(standing)) {
        const flows = closed.get(arrival) ?? [];
        closed.set(arrival, flows);
        flows.push(standing);
      } else if (arrival.at > now - FORGOTTEN_MS) continue;
      else this.ended.forget(place);
      this.standing.delete(uuid);
    }
    // What was heard of them last is their last word.
    for (const [{ bytes }, flows] of closed) this.ended.add(flows, bytes);
  }
}

/** Whether the connection was closed by its ends. */
const isClosed = ({ batch, row }: Standing): boolean => batch.number('FinishType')[row] !== 0;
