import { LRUCache } from 'lru-cache';
import type { Clock } from '../common/clock.js';
import type { Json, JsonObject } from '../common/json.js';
import type { EdgeRevision, ElementId, NodeRevision, Revision } from '../graph/element.js';
import type { WalkedPath } from '../graph/walk/shortestPaths.js';
import {
  compile,
  DEFAULT_RUN_LIMITS,
  execute,
  explain,
  graphJson,
  RangeGraph,
  resultJson,
  type CypherDatabase,
  type ExplainedStatement,
  type ExplainedStep,
  type GraphSource,
  type Kind,
  type Outcome,
  type Plan,
  type RunOptions,
  type TimeSlice,
} from '../gremlin/gremlin.js';
import { badValue } from '../graph/filter/badValue.js';
import type { FlowSource } from '../gremlin/execute/flowSource.js';
import type { HistoryStore } from '../history/store.js';
import type { SampleStore } from '../samples/store.js';
import type { SeenHistory } from './sight/seenHistory.js';
import { sightedSamples, type SampleReader } from './sight/sightedSamples.js';
import type { Asker } from './asker.js';
import { databaseOf } from './gremlinDatabase.js';
import { edgeViewOf, type EdgeView } from './edgeView.js';
import { completionsOf, type GremlinCompletions } from './gremlinCompletions.js';
import { momentIn, type Moment, type NodeView } from './elementView.js';
import { nodeViewOf } from './nodeViews.js';
import type { Path } from './paths.js';
import { requireRight } from './viewer.js';

/** Plans that are kept: scripts and screens ask the same strings again and again. */
const KEPT_PLANS = 500;

/** How old a reading may be and still tell about an instant: agents are silent while an interface is idle. */
const READING_KEEPS_MS = 3_600_000;

/** Changes that are read between two looks at the deadline. */
const CHANGES_PER_LOOK = 256;

export interface GremlinParts {
  readonly history: HistoryStore;
  readonly seenHistory: SeenHistory;
  readonly samples: SampleStore;
  /** Flows as the asker sees them. */
  readonly flows: (asker: Asker) => FlowSource;
  readonly clock: Clock;
  readonly limits: {
    /** Entries in one typed answer. */
    readonly pictureElements: number;
    /** Milliseconds for one string. */
    readonly deadline?: number;
  };
}

/** Kinds of answers by their names for clients. */
const KINDS = {
  graph: 'GRAPH',
  nodes: 'NODES',
  edges: 'EDGES',
  paths: 'PATHS',
  values: 'VALUES',
  value: 'VALUE',
  metrics: 'METRICS',
  sockets: 'SOCKETS',
  nextHops: 'NEXT_HOPS',
  flows: 'FLOWS',
  groups: 'GROUPS',
  packets: 'PACKETS',
} as const satisfies Record<Kind, string>;
export type GremlinKind = (typeof KINDS)[Kind];

/** A result with typed elements; `kind` says which list is filled. */
export interface GremlinResult {
  readonly kind: GremlinKind;
  readonly nodes: readonly NodeView[] | undefined;
  readonly edges: readonly EdgeView[] | undefined;
  readonly paths: readonly Path[] | undefined;
  readonly values: readonly Json[] | undefined;
  /** Skydive's own form. */
  readonly json: Json;
  readonly totalCount: number;
  readonly truncated: boolean;
}

/** How a string is read. */
export interface GremlinExplanation {
  readonly gives: GremlinKind;
  readonly steps: readonly ExplainedStep[];
  /** What the database is asked; `undefined` where it is not. */
  readonly cypher: ExplainedStatement | undefined;
}

/** Strings in Skydive's dialect, over the present and the past. */
export class Gremlin {
  readonly #plans = new LRUCache<string, Plan>({ max: KEPT_PLANS });
  readonly #database: CypherDatabase | undefined;

  constructor(private readonly parts: GremlinParts) {
    this.#database = databaseOf(parts.history);
  }

  /** Entries in one typed answer. */
  get entriesInAnswer(): number {
    return this.parts.limits.pictureElements;
  }

  /** What the string finds, whole. Throws `GREMLIN_SYNTAX`, `BAD_INPUT`, `LIMIT_EXCEEDED`, `DEADLINE_EXCEEDED`. */
  run(
    asker: Asker,
    query: string,
    { absentIsNothing, needsGraph }: Pick<RunOptions, 'absentIsNothing' | 'needsGraph'> = {},
  ): Promise<Outcome> {
    requireRight(asker.viewer, 'topology', 'read');
    const { clock, limits } = this.parts;
    const plan = this.#plan(query);
    if (plan.steps.some(({ gives }) => gives === 'packets')) requireRight(asker.viewer, 'capture', 'rawpackets');
    return execute(plan, {
      source: this.#source(asker),
      clock,
      limits: { deadlineMs: limits.deadline ?? DEFAULT_RUN_LIMITS.deadlineMs },
      signal: asker.cancellation?.signal,
      absentIsNothing,
      needsGraph,
    });
  }

  /** The same for typed answers, cut where it has more entries than fit, or than wanted. `needsGraph`: what surrounds the elements will be read too. */
  async ask(
    asker: Asker,
    query: string,
    { limit, needsGraph = true }: { readonly limit?: number | null; readonly needsGraph?: boolean } = {},
  ): Promise<GremlinResult> {
    if (typeof limit === 'number' && limit < 0) throw badValue('limit', limit, 'a number of entries, not below 0');
    return typed(await this.run(asker, query, { needsGraph }), Math.min(limit ?? Infinity, this.entriesInAnswer));
  }

  /** The plan. Throws `GREMLIN_SYNTAX`, `BAD_INPUT`. */
  explain({ viewer, scope }: Asker, query: string): GremlinExplanation {
    requireRight(viewer, 'topology', 'read');
    const plan = this.#plan(query);
    const asked = scope.sight === undefined ? this.#database : undefined;
    const database = asked && { model: asked.model, now: this.parts.clock.now() };
    return { gives: KINDS[plan.gives], ...explain(plan, database) };
  }

  /** What could go on at the end of the string, with keys and values from the graph as it is. */
  complete({ viewer, scope }: Asker, written: string): GremlinCompletions {
    requireRight(viewer, 'topology', 'read');
    return completionsOf(written, scope.present().graph);
  }

  #plan(query: string): Plan {
    let plan = this.#plans.get(query);
    if (plan === undefined) this.#plans.set(query, (plan = compile(query)));
    return plan;
  }

  #source(asker: Asker): GraphSource {
    const { history, seenHistory, flows } = this.parts;
    const { scope } = asker;
    const samples = sightedSamples(this.parts.samples, seenHistory, scope.sight);
    return {
      flows: flows(asker),
      present: () => scope.present().graph,
      at: async (instant) => (await scope.at(instant)).graph,
      between: async ({ from, to }, spend) => {
        const end = await scope.at(to);
        const start = await scope.at(from);
        spend(start.graph.nodeCount + start.graph.edgeCount);
        const graph = new RangeGraph(start.graph, end.position, end.at);
        let read = 0;
        const range = { after: start.position, to: end.position };
        for await (const change of scope.sight === undefined ? history.changes(range) : seenHistory.changes(scope.sight, range)) {
          if (++read % CHANGES_PER_LOOK === 0) spend(CHANGES_PER_LOOK);
          if ('element' in change) graph.take(change);
        }
        return graph;
      },
      readings: (ids, path, fields, slice) => readings(samples, ids, path, fields, slice),
      // It knows nothing of sights: what is seen in part is worked out here.
      database: scope.sight === undefined ? this.#database : undefined,
    };
  }
}

/** Readings below a path by element, oldest first, strictly within the time; of a single instant the latest one. */
async function readings(
  samples: SampleReader,
  ids: readonly ElementId[],
  path: string,
  fields: readonly string[],
  { from, to }: TimeSlice,
): Promise<ReadonlyMap<ElementId, readonly JsonObject[]>> {
  const found = new Map<ElementId, JsonObject[]>();
  if (ids.length === 0) return found;
  if (from === to) {
    const prefix = `${path}.`;
    for (const [id, { values }] of await samples.latest(ids, to, READING_KEEPS_MS)) {
      const fields = Object.entries(values).filter(([key]) => key.startsWith(prefix));
      if (fields.length > 0) found.set(id, [Object.fromEntries(fields.map(([key, value]) => [key.slice(prefix.length), value]))]);
    }
    return found;
  }
  const series = await samples.series({ ids, paths: fields.map((field) => `${path}.${field}`), from, to, stepMs: 1 });
  const byTime = new Map<ElementId, Map<number, Record<string, Json>>>();
  for (const { id, path: full, times, values } of series) {
    const ofId = byTime.get(id) ?? new Map<number, Record<string, Json>>();
    byTime.set(id, ofId);
    times.forEach((time, index) => {
      const reading = ofId.get(time) ?? {};
      reading[full.slice(path.length + 1)] = values[index]!;
      ofId.set(time, reading);
    });
  }
  for (const [id, ofId] of byTime) {
    const inside = [...ofId]
      .sort(([a], [b]) => a - b)
      .map(([, reading]) => reading)
      .filter(({ Start, Last }) => typeof Start === 'number' && typeof Last === 'number' && Start > from && Last < to);
    if (inside.length > 0) found.set(id, inside);
  }
  return found;
}

function typed(whole: Outcome, most: number): GremlinResult {
  const { kind, graph } = whole;
  const isGraph = kind === 'graph';
  const totalCount = isGraph ? graph.nodeCount + graph.edgeCount : whole.rows.length;
  if (isGraph && totalCount > most) return { ...EMPTY, kind: KINDS[kind], json: null, totalCount, truncated: true };
  const outcome: Outcome = totalCount > most ? { ...whole, rows: whole.rows.slice(0, most) } : whole;
  const elements = isGraph ? { nodes: graph.nodes(), edges: graph.edges() } : elementsIn(outcome);
  const shown = shownElements(elements, outcome, momentIn(graph, graph.at));
  return { kind: KINDS[kind], ...shown, json: resultJson(outcome), totalCount, truncated: totalCount > most };
}

/**
 * Some rows of an outcome as a result of their own; of a graph its elements are the rows. What is in it has the fields of its own
 * revision only.
 */
export function partOf(outcome: Outcome, rows: readonly unknown[], most: number): GremlinResult {
  const { kind, graph } = outcome;
  const kept: Outcome = { ...outcome, rows: rows.slice(0, most) };
  const rest = { totalCount: rows.length, truncated: rows.length > most };
  if (kind !== 'graph') return { kind: KINDS[kind], ...shownElements(elementsIn(kept), kept, undefined), json: resultJson(kept), ...rest };
  const nodes = (kept.rows as readonly Revision[]).filter((row) => row.kind === 'node');
  const edges = (kept.rows as readonly Revision[]).filter((row) => row.kind === 'edge');
  return { kind: KINDS.graph, ...shownElements({ nodes, edges }, kept, undefined), json: [graphJson(graph, nodes, edges)], ...rest };
}

interface Elements {
  readonly nodes?: Iterable<NodeRevision>;
  readonly edges?: Iterable<EdgeRevision>;
}

const elementsIn = ({ kind, rows }: Outcome): Elements =>
  kind === 'nodes' ? { nodes: rows as NodeRevision[] } : kind === 'edges' ? { edges: rows as EdgeRevision[] } : {};

function shownElements(
  { nodes, edges }: Elements,
  { kind, rows }: Outcome,
  moment: Moment | undefined,
): Pick<GremlinResult, 'nodes' | 'edges' | 'paths' | 'values'> {
  const nodesOf = (list: Iterable<NodeRevision>): NodeView[] => Array.from(list, (node) => nodeViewOf(node, moment));
  const edgesOf = (list: Iterable<EdgeRevision>): EdgeView[] => Array.from(list, (edge) => edgeViewOf(edge, moment));
  return {
    nodes: nodes && nodesOf(nodes),
    edges: edges && edgesOf(edges),
    paths:
      kind === 'paths'
        ? (rows as WalkedPath[]).map((path) => ({ nodes: nodesOf(path.nodes), edges: edgesOf(path.edges), length: path.edges.length }))
        : undefined,
    values: kind === 'values' || kind === 'value' ? (rows as Json[]) : undefined,
  };
}

const EMPTY = { nodes: undefined, edges: undefined, paths: undefined, values: undefined };
