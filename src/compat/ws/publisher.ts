import { CanopyError } from '../../common/errors.js';
import type { Cancel, Clock } from '../../common/clock.js';
import type { Json, JsonObject } from '../../common/json.js';
import type { Log } from '../../common/log.js';
import type { Delta, Patch, PutEdge, PutNode, Remove } from '../../graph/delta.js';
import type { ElementId } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import type { GraphView } from '../../graph/view.js';
import type { Written } from '../../services/publish/elementWriter.js';
import type { Services } from '../../services/services.js';
import type { Viewer } from '../../services/viewer.js';
import { checkEdge, checkNode, fieldOf, readEdge, readNode, type ReadElement } from '../elementJson.js';
import { agentDeltas } from '../agents/agentDelta.js';
import type { ClientCounters } from './client.js';
import type { Envelope } from './envelope.js';

export interface PublisherParts {
  readonly services: Services;
  readonly viewer: Viewer;
  readonly counters: ClientCounters;
  readonly log: Log;
  /** Agents know what they say, and measure; publishers from outside must keep the rules for kinds of nodes. */
  readonly isAgent: boolean;
  readonly clock: Clock;
  /** Who sends more than may be written is not read meanwhile. */
  readonly line: { pause(): void; resume(): void };
}

/** What a message asks for. */
type Write =
  | { readonly kind: 'add' | 'update'; readonly delta: PutNode | PutEdge; readonly revision: number }
  | { readonly kind: 'patch'; readonly delta: Patch; readonly revision: number }
  | { readonly kind: 'remove'; readonly delta: Remove }
  | { readonly kind: 'picture'; readonly elements: readonly (PutNode | PutEdge)[] };

type Scope = ReturnType<Services['openScope']>;

/** Changes that are written in one go, and milliseconds until what exceeded the rate, or what there was no room for, is tried again. */
const MOST_AT_ONCE = 1_000;
const AGAIN_MS = 200;

/** Kinds of operations in a partial update. */
const SET = 1;
const DELETE = 2;

/** One client that writes to the graph under its own origin. Messages that arrive together are written together. */
export class PublisherClient {
  readonly #waiting: Write[] = [];
  /** Judged already, and refused for now: first in line. */
  #due: Delta[] = [];
  #again: Cancel | undefined;
  /** Revisions by the client's own count: what is not newer was heard before. */
  readonly #revisions = new Map<ElementId, number>();
  #hasWritten = false;

  constructor(
    readonly origin: string,
    private readonly parts: PublisherParts,
  ) {}

  /** Takes a message of the graph; what is wrong with it is counted. */
  take({ type, body }: Envelope): void {
    try {
      const json: Json = 'json' in body ? body.json : null;
      const write = this.#read(type, json);
      if (this.#waiting.push(write) === 1) setImmediate(() => this.flush());
    } catch (error) {
      this.#refuse(error, type);
    }
  }

  /** Takes back everything that was written, for clients that leave nothing behind. */
  takeBack(): void {
    this.flush();
    if (this.#hasWritten) this.#waiting.push({ kind: 'picture', elements: [] });
    this.flush();
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#again === undefined && this.#due.length === 0 && this.#waiting.length === 0;
  }

  /** Writes what waits, unless its time has yet to come. */
  flush(): void {
    if (this.#again !== undefined || this.isIdle) return;
    const scope = this.parts.services.openScope(this.parts.viewer);
    try {
      while (this.#writeDue(scope) && this.#waiting.length > 0) {
        const [first] = this.#waiting as [Write];
        if (first.kind !== 'picture') this.#judge(scope);
        else {
          this.#waiting.shift();
          this.#due = [...this.#surplusOf(first.elements, scope), ...first.elements];
        }
      }
    } finally {
      scope.release();
    }
  }

  /** Nothing more is tried. */
  close(): void {
    this.#again?.();
  }

  /** What waits up to the next picture: what of it still means something is due. */
  #judge(scope: Scope): void {
    const picture = this.#waiting.findIndex(({ kind }) => kind === 'picture');
    const writes = this.#waiting.splice(0, picture < 0 ? this.#waiting.length : picture);
    const judge = new Judge(scope.forward().graph, this.#revisions);
    for (const one of writes)
      if (one.kind !== 'picture' && judge.isNews(one, (error) => this.#refuse(error, one.kind))) this.#due.push(one.delta);
  }

  /** What a picture does not have any more. */
  #surplusOf(elements: readonly (PutNode | PutEdge)[], scope: Scope): Delta[] {
    const { services, viewer } = this.parts;
    return services.elements.removalsBut({ viewer, scope }, this.origin, new Set(elements.map(({ id }) => id)));
  }

  /** `false`: some of it has to wait. */
  #writeDue(scope: Scope): boolean {
    const { services, viewer, isAgent } = this.parts;
    let written = 0;
    let isDone = true;
    while (isDone && written < this.#due.length) {
      const slice = this.#due.slice(written, written + MOST_AT_ONCE);
      const deltas = isAgent ? slice.flatMap(agentDeltas) : slice;
      isDone = this.#attempt(slice.length, () => services.elements.write({ viewer, scope }, this.origin, deltas));
      if (isDone) written += slice.length;
    }
    this.#due = written === 0 ? this.#due : this.#due.slice(written);
    return isDone;
  }

  /** `false`: not now. What is refused for good is counted, and done with. */
  #attempt(changes: number, write: () => Written): boolean {
    this.#hasWritten = true;
    try {
      this.#note(write());
    } catch (error) {
      if (error instanceof CanopyError && error.retriable) {
        this.#wait();
        return false;
      }
      this.#refuse(error, 'a batch', changes);
    }
    return true;
  }

  #wait(): void {
    const { clock, line } = this.parts;
    line.pause();
    this.#again = clock.after(AGAIN_MS, () => {
      this.#again = undefined;
      this.flush();
      if (this.isIdle) line.resume();
    });
  }

  #note({ refused, durable }: Written): void {
    for (const error of refused.values()) this.#refuse(error, 'an element');
    durable.catch((error: unknown) =>
      this.parts.log.warn({ origin: this.origin, error: String(error) }, 'what an old client wrote is not on disk'),
    );
  }

  #read(type: string, json: Json): Write {
    switch (type) {
      case 'NodeAdded':
      case 'NodeUpdated':
        return this.#put(readNode(json), type === 'NodeAdded' ? 'add' : 'update');
      case 'EdgeAdded':
      case 'EdgeUpdated':
        return this.#put(readEdge(json), type === 'EdgeAdded' ? 'add' : 'update');
      case 'NodeDeleted':
        return { kind: 'remove', delta: { op: 'remove', id: readNode(json).delta.id } };
      case 'EdgeDeleted':
        return { kind: 'remove', delta: { op: 'remove', id: readEdge(json).delta.id } };
      case 'NodePartiallyUpdated':
      case 'EdgePartiallyUpdated':
        return readPatch(json);
      case 'Sync':
        return { kind: 'picture', elements: this.#readPicture(json) };
      default:
        throw new CanopyError('BAD_INPUT', `there is no message '${type}'`);
    }
  }

  #put({ delta, revision }: ReadElement<PutNode> | ReadElement<PutEdge>, kind: 'add' | 'update'): Write {
    this.#check(delta);
    return { kind, delta, revision };
  }

  #readPicture(json: Json): (PutNode | PutEdge)[] {
    if (!isJsonObject(json)) throw new CanopyError('BAD_INPUT', 'Sync has an object with Nodes and Edges');
    const listOf = (name: string): readonly Json[] => {
      const list = fieldOf(json, name) ?? [];
      if (!Array.isArray(list)) throw new CanopyError('BAD_INPUT', `${name} of Sync is a list`);
      return list as readonly Json[];
    };
    const elements: (PutNode | PutEdge)[] = [];
    const add = (read: typeof readNode | typeof readEdge, one: Json): void => {
      try {
        const { delta, revision } = read(one);
        this.#check(delta);
        this.#revisions.set(delta.id, revision);
        elements.push(delta);
      } catch (error) {
        this.#refuse(error, 'Sync');
      }
    };
    this.#revisions.clear();
    for (const node of listOf('Nodes')) add(readNode, node);
    for (const edge of listOf('Edges')) add(readEdge, edge);
    return elements;
  }

  #check(delta: PutNode | PutEdge): void {
    if (this.parts.isAgent) return;
    if (delta.op === 'putNode') checkNode(delta);
    else checkEdge(delta);
  }

  #refuse(error: unknown, what: string, count = 1): void {
    if (!(error instanceof CanopyError)) throw error;
    this.parts.counters.refused += count;
    this.parts.log.debug({ origin: this.origin, what, code: error.code, reason: error.message }, 'an old client sent what cannot be taken');
  }
}

function readPatch(json: Json): Write {
  if (!isJsonObject(json)) throw new CanopyError('BAD_INPUT', 'a partial update is a JSON object');
  const id = fieldOf(json, 'ID');
  const revision = fieldOf(json, 'Revision');
  const operations = fieldOf(json, 'Ops') ?? [];
  if (typeof id !== 'string' || !Array.isArray(operations))
    throw new CanopyError('BAD_INPUT', 'a partial update has an ID and a list of Ops');
  const set: [string, Json][] = [];
  const unset: string[] = [];
  for (const operation of operations as readonly Json[]) {
    const { type, key, value } = readOperation(operation);
    if (type === SET) set.push([key, value]);
    else unset.push(key);
  }
  return { kind: 'patch', delta: { op: 'patch', id, set, unset }, revision: typeof revision === 'number' ? revision : 0 };
}

function readOperation(operation: Json): { readonly type: number; readonly key: string; readonly value: Json } {
  const object: JsonObject = isJsonObject(operation) ? operation : {};
  const [type, key] = [fieldOf(object, 'Type'), fieldOf(object, 'Key')];
  if ((type !== SET && type !== DELETE) || typeof key !== 'string' || key === '')
    throw new CanopyError('BAD_INPUT', 'an operation has a Type (1: set, 2: delete) and a Key');
  return { type, key, value: fieldOf(object, 'Value') ?? null };
}

/** Says of each write whether it still means something: what is there is not added again, and what is not newer was heard before. */
class Judge {
  readonly #made = new Set<ElementId>();
  readonly #gone = new Set<ElementId>();

  constructor(
    private readonly graph: GraphView,
    /** By the client's own count, over its connection. */
    private readonly revisions: Map<ElementId, number>,
  ) {}

  isNews(write: Exclude<Write, { kind: 'picture' }>, refuse: (error: CanopyError) => void): boolean {
    const { id } = write.delta;
    const isThere = this.#made.has(id) || (!this.#gone.has(id) && (this.graph.node(id) ?? this.graph.edge(id)) !== undefined);
    if (write.kind === 'remove') {
      this.#made.delete(id);
      this.#gone.add(id);
      this.revisions.delete(id);
      return isThere;
    }
    if (write.kind === 'add') {
      if (isThere) return false;
      this.#made.add(id);
    } else if (!isThere) {
      refuse(new CanopyError('NOT_FOUND', `there is no element '${id}'`));
      return false;
    } else if (write.revision > 0 && write.revision <= (this.revisions.get(id) ?? 0)) return false;
    if (write.revision > 0) this.revisions.set(id, write.revision);
    return write.kind !== 'patch' || write.delta.set!.length + write.delta.unset!.length > 0;
  }
}
