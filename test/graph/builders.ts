import type { Json, JsonObject } from '../../src/common/json.js';
import type { Delta, Measure, Patch, PatchRows, PutEdge, PutNode, Remove } from '../../src/graph/delta.js';
import { LiveGraph, type Applied, type GraphLimits } from '../../src/graph/liveGraph.js';

export const AGENT = 'agent.one';
export const OTHER = 'agent.two';
export const USER = 'api.analyzer';

/** Noon of a day; tests count from here. */
export const NOON = Date.UTC(2026, 0, 1, 12);

/** A graph with a clock that stands until a test moves it. */
export class TestGraph extends LiveGraph {
  constructor(
    readonly clock = { now: NOON },
    limits: Partial<GraphLimits> = {},
  ) {
    super({ now: () => clock.now, limits });
  }

  /** Applies deltas as the agent that owns most things in tests. */
  by(origin: string, ...deltas: Delta[]): Applied {
    return this.apply({ origin, deltas });
  }

  put(...deltas: Delta[]): Applied {
    return this.by(AGENT, ...deltas);
  }
}

export const node = (id: string, metadata: JsonObject = {}, more: Partial<PutNode> = {}): PutNode => ({
  op: 'putNode',
  id,
  host: 'one',
  metadata: { Type: 'device', Name: id, ...metadata },
  ...more,
});

export const edge = (id: string, parent: string, child: string, metadata: JsonObject = {}): PutEdge => ({
  op: 'putEdge',
  id,
  host: 'one',
  parent,
  child,
  metadata: { RelationType: 'layer2', ...metadata },
});

export const owns = (id: string, parent: string, child: string): PutEdge => edge(id, parent, child, { RelationType: 'ownership' });

export const patch = (id: string, set: Readonly<Record<string, Json>>, unset: readonly string[] = []): Patch => ({
  op: 'patch',
  id,
  set: Object.entries(set),
  unset,
});

export const rows = (id: string, table: string, put: Readonly<Record<string, JsonObject>>, remove: readonly string[] = []): PatchRows => ({
  op: 'rows',
  id,
  table,
  put: Object.entries(put),
  remove,
});

export const measure = (id: string, values: Readonly<Record<string, Json>>): Measure => ({
  op: 'measure',
  id,
  values: Object.entries(values),
});

export const remove = (id: string, reason?: Remove['reason']): Remove => ({ op: 'remove', id, reason });

/** `added n1`, `removed e1 END_MISSING`: what happened, for comparing. */
export const told = (applied: Pick<Applied, 'changes'>): string[] =>
  applied.changes.map(({ op, element, reason }) => [op, element.id, reason].filter((word) => word !== undefined).join(' '));

export const ids = (elements: Iterable<{ readonly id: string }>): string[] => [...elements].map(({ id }) => id).sort();
