import type { Cancel, Clock } from '../../common/clock.js';
import { concatenatedId, namedId } from '../../common/ids.js';
import type { JsonObject } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import type { Delta, PutEdge, PutNode } from '../../graph/delta.js';
import type { ElementId } from '../../graph/element.js';
import { jsonEqual } from '../../graph/jsonCompare.js';
import { pathSteps, setPath } from '../../graph/metadataPath.js';
import type { GraphView } from '../../graph/view.js';
import { compileSelector, type Selector } from '../../gremlin/gremlin.js';
import type { RecorderContract } from '../../journal/contracts.js';
import type { Registry, RegistryEvent, Watch } from '../../registry/registry.js';
import type { EdgeRule, NodeRule } from './check.js';
import { layOver } from './overlays.js';

/** Whose the nodes and edges of rules are, and the overlay that rules lay over nodes. */
export const RULES_ORIGIN = 'canopy.rules';

/** Least milliseconds between two looks: a burst of changes is looked at once. */
const LOOK_EVERY_MS = 100;

/** Edges of one rule: two wide strings make the product of what they find. */
const MOST_EDGES = 10_000;

export interface RuleParts {
  readonly registry: Registry;
  readonly recorder: RecorderContract;
  readonly clock: Clock;
  readonly log: Log;
}

/** A rule with its strings checked. */
type ReadyRule =
  | { readonly kind: 'create'; readonly metadata: JsonObject }
  | { readonly kind: 'update'; readonly metadata: JsonObject; readonly select: Selector }
  | { readonly kind: 'edge'; readonly metadata: JsonObject; readonly from: Selector; readonly to: Selector };

/** What all rules together want of the graph. */
interface Wanted {
  readonly nodes: Map<ElementId, PutNode>;
  readonly edges: Map<ElementId, PutEdge>;
  readonly overlays: Map<ElementId, JsonObject>;
}

/** Keeps the graph as the rules of people want it: looked at when a rule or the graph changes. */
export class Rules {
  readonly #rules = new Map<string, ReadyRule>();
  readonly #watches: readonly Watch[];
  readonly #stopListening: Cancel;
  #made: Pick<Wanted, 'nodes' | 'edges' | 'overlays'> | undefined;
  #cancelLook: Cancel | undefined;
  #isLooking = false;
  #isStale = false;
  #isClosed = false;

  constructor(private readonly parts: RuleParts) {
    this.#watches = (['nodeRule', 'edgeRule'] as const).map((kind) => parts.registry.watch(kind, (event) => this.#follow(kind, event)));
    this.#stopListening = parts.recorder.onChanges(() => {
      if (this.#rules.size > 0) this.#schedule();
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const watch of this.#watches) watch.close();
    this.#stopListening();
    this.#cancelLook?.();
  }

  #follow(kind: 'nodeRule' | 'edgeRule', event: RegistryEvent): void {
    if (event.event === 'removed') this.#rules.delete(`${kind} ${event.id}`);
    else if (event.event === 'put') this.#take(kind, event.entry.id, event.entry.value);
    else {
      for (const key of [...this.#rules.keys()]) if (key.startsWith(`${kind} `)) this.#rules.delete(key);
      for (const { id, value } of event.entries) this.#take(kind, id, value);
    }
    this.#schedule();
  }

  #take(kind: 'nodeRule' | 'edgeRule', id: string, value: JsonObject): void {
    try {
      this.#rules.set(`${kind} ${id}`, kind === 'nodeRule' ? nodeRule(value as never) : edgeRule(value as never));
    } catch (error) {
      this.parts.log.warn({ rule: id, error: String(error) }, 'a rule in the registry cannot be read');
    }
  }

  #schedule(): void {
    this.#isStale = true;
    if (this.#cancelLook !== undefined || this.#isLooking || this.#isClosed) return;
    this.#cancelLook = this.parts.clock.after(LOOK_EVERY_MS, () => {
      this.#cancelLook = undefined;
      this.#isLooking = true;
      this.#isStale = false;
      void this.#look()
        .catch((error: unknown) => this.parts.log.warn({ error: String(error) }, 'the rules could not be followed'))
        .finally(() => {
          this.#isLooking = false;
          if (this.#isStale) this.#schedule();
        });
    });
  }

  async #look(): Promise<void> {
    const view = this.parts.recorder.present();
    try {
      const made = (this.#made ??= madeBefore(view));
      const wanted = await this.#wantedIn(view, made.overlays.keys());
      if (this.#isClosed) return;
      const deltas = differences(made, wanted, view);
      this.#made = { ...wanted, edges: new Map([...waiting(made, wanted, view), ...wanted.edges]) };
      if (deltas.length === 0) return;
      const { rejected, durable } = this.parts.recorder.record({ origin: RULES_ORIGIN, deltas, immediate: true });
      durable.catch(() => undefined);
      if (rejected.length > 0)
        this.parts.log.warn({ reason: rejected[0]!.message, count: rejected.length }, 'a rule asks for what cannot be');
    } finally {
      view.release();
    }
  }

  async #wantedIn(view: GraphView, before: Iterable<ElementId>): Promise<Wanted> {
    const rules = [...this.#rules].sort(([a], [b]) => (a < b ? -1 : 1));
    const fail = (rule: string, error: unknown): void => this.parts.log.warn({ rule, error: String(error) }, 'a rule cannot be followed');
    const updates = rules.flatMap(([id, rule]) => (rule.kind === 'update' ? [{ id, ...rule }] : []));
    const { overlays, view: laidOver } = await layOver(view, RULES_ORIGIN, before, updates, fail);
    const wanted: Wanted = { nodes: new Map(), edges: new Map(), overlays };
    for (const [id, rule] of rules) {
      try {
        if (rule.kind === 'create') wantNode(rule.metadata, wanted);
        else if (rule.kind === 'edge') await this.#wantEdges(id, rule, laidOver, wanted);
      } catch (error) {
        fail(id, error);
      }
    }
    return wanted;
  }

  async #wantEdges(
    id: string,
    { metadata, from, to }: Extract<ReadyRule, { kind: 'edge' }>,
    view: GraphView,
    { edges }: Wanted,
  ): Promise<void> {
    const [sources, targets] = [[...(await from(view)).nodes.values()], [...(await to(view)).nodes.values()]];
    let count = 0;
    for (const source of sources) {
      for (const target of targets) {
        if (source.id === target.id) continue;
        if (++count > MOST_EDGES)
          return void this.parts.log.warn({ rule: id, most: MOST_EDGES }, 'a rule asks for too many edges; the rest is left out');
        const edge = concatenatedId(id, source.id, target.id);
        edges.set(edge, { op: 'putEdge', id: edge, host: source.host, parent: source.id, child: target.id, metadata });
      }
    }
  }
}

function nodeRule({ Action, Metadata, Query }: NodeRule): ReadyRule {
  return Action === 'create'
    ? { kind: 'create', metadata: Metadata }
    : { kind: 'update', metadata: nested(Metadata), select: compileSelector(Query) };
}

/** Dotted keys as objects in objects, as they are once they were laid over a node. */
const nested = (metadata: JsonObject): JsonObject =>
  Object.entries(metadata).reduce<JsonObject>((all, [key, value]) => setPath(all, pathSteps(key) ?? [key], value) ?? all, {});

const edgeRule = ({ Src, Dst, Metadata }: EdgeRule): ReadyRule => ({
  kind: 'edge',
  metadata: Metadata,
  from: compileSelector(Src),
  to: compileSelector(Dst),
});

/** Two rules for a node of the same name and type share it. */
function wantNode(metadata: JsonObject, { nodes }: Wanted): void {
  const id = namedId(String(metadata.Type), String(metadata.Name));
  const more: JsonObject = metadata.Type === 'fabric' ? { Probe: 'fabric', TID: id } : { TID: id };
  nodes.set(id, { op: 'putNode', id, host: '', metadata: { ...nodes.get(id)?.metadata, ...metadata, ...more } });
}

/** What rules made before this process was started. */
function madeBefore(view: GraphView): Wanted {
  const made: Wanted = { nodes: new Map(), edges: new Map(), overlays: new Map() };
  for (const { id, host, origin, base, overlays } of view.nodes()) {
    if (origin === RULES_ORIGIN) made.nodes.set(id, { op: 'putNode', id, host, metadata: base });
    const overlay = overlays?.[RULES_ORIGIN];
    if (overlay !== undefined) made.overlays.set(id, overlay);
  }
  for (const { id, host, origin, parent, child, base } of view.edges()) {
    if (origin === RULES_ORIGIN) made.edges.set(id, { op: 'putEdge', id, host, parent, child, metadata: base });
  }
  return made;
}

/** Edges go before their nodes, and come after them. */
function differences(made: Wanted, wanted: Wanted, view: GraphView): Delta[] {
  const deltas: Delta[] = [];
  for (const id of made.edges.keys()) if (!wanted.edges.has(id) && view.edge(id) !== undefined) deltas.push({ op: 'remove', id });
  for (const id of made.nodes.keys()) if (!wanted.nodes.has(id) && view.node(id) !== undefined) deltas.push({ op: 'remove', id });
  for (const [id, put] of wanted.nodes) if (!isSame(made.nodes.get(id), put) || view.node(id) === undefined) deltas.push(put);
  for (const [id, overlay] of wanted.overlays) {
    const before = made.overlays.get(id) ?? {};
    if (jsonEqual(before, overlay)) continue;
    const unset = Object.keys(before).filter((key) => overlay[key] === undefined);
    deltas.push({ op: 'patch', id, set: Object.entries(overlay), unset });
  }
  // Of a node that is gone the overlay goes too, so that it does not come back with it.
  for (const id of made.overlays.keys()) if (!wanted.overlays.has(id) && view.node(id) !== undefined) deltas.push({ op: 'remove', id });
  for (const [id, put] of wanted.edges) if (!isSame(made.edges.get(id), put) || view.edge(id) === undefined) deltas.push(put);
  return deltas;
}

/**
 * Edges that are not wanted any more and cannot be seen: an end went, and they come back with it by themselves. They stay ours, to be taken away when they do, and
 * when their rule has gone meanwhile.
 */
const waiting = (made: Wanted, wanted: Wanted, view: GraphView): [ElementId, PutEdge][] =>
  [...made.edges].filter(([id]) => !wanted.edges.has(id) && view.edge(id) === undefined);

const isSame = (a: PutNode | PutEdge | undefined, b: PutNode | PutEdge): boolean =>
  a !== undefined && a.host === b.host && jsonEqual(a.metadata, b.metadata);
