import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import type { Delta } from '../../src/graph/delta.js';
import type { Revision } from '../../src/graph/element.js';
import type { GraphView } from '../../src/graph/view.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { openRecorder, type Recorder } from '../../src/journal/recorder.js';
import type { Selected } from '../../src/services/filters/selection.js';
import type { TopologyEvent } from '../../src/services/live/events.js';
import { LiveService } from '../../src/services/live/liveService.js';
import type { LiveScope } from '../../src/services/live/scope.js';

const TAIL_BYTES = 64 * 1024 * 1024;

/** A recorder with its history and live streams on a folder of its own. */
export interface World {
  readonly recorder: Recorder;
  readonly history: EmbeddedHistory;
  readonly live: LiveService;
  write(...deltas: Delta[]): void;
  /** Closes it and opens it again on the same folder, as a restarted analyzer would. */
  restart(): Promise<World>;
  close(): Promise<void>;
}

export async function openWorld(folder = mkdtempSync(join(tmpdir(), 'canopy-live-')), catchUpChanges?: number): Promise<World> {
  const recorder = await openRecorder({ dataDir: folder, clock: systemClock, log: silentLog, limits: { maxTailBytes: TAIL_BYTES } });
  const history = new EmbeddedHistory(recorder, { cacheBytes: 16 * 1024 * 1024 });
  const live = new LiveService({ recorder, history, clock: systemClock, catchUpChanges });
  const shut = async () => {
    live.close();
    await recorder.close();
  };
  return {
    recorder,
    history,
    live,
    write: (...deltas) => void recorder.record({ origin: 'test.here', deltas, immediate: true }),
    async restart() {
      await shut();
      return openWorld(folder);
    },
    async close() {
      await shut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const node = (id: string, Type = 'veth', more = {}): Delta => ({
  op: 'putNode',
  id,
  host: 'h',
  metadata: { Type, Name: id, ...more },
});
export const edge = (parent: string, child: string, RelationType = 'ownership'): Delta => ({
  op: 'putEdge',
  id: `${parent}>${child}`,
  host: 'h',
  parent,
  child,
  metadata: { RelationType },
});
export const remove = (id: string): Delta => ({ op: 'remove', id });

/** What a client knows after events: elements by id, as `revision` number. */
export class Client {
  readonly known = new Map<string, Revision>();
  lastPosition = 0;

  take(event: TopologyEvent): void {
    if (event.kind === 'snapshot') {
      for (const element of [...event.nodes, ...event.edges]) this.known.set(element.id, element);
      return;
    }
    if (event.kind !== 'changes') throw new Error(`unexpected ${event.kind}: ${JSON.stringify(event)}`);
    if (event.position.seq < this.lastPosition) throw new Error('a cursor went back');
    this.lastPosition = event.position.seq;
    for (const { op, element } of event.changes) {
      const has = this.known.has(element.id);
      if (op === 'ADDED' && has) throw new Error(`${element.id} was added twice`);
      if (op !== 'ADDED' && !has) throw new Error(`${element.id} was ${op} and never added`);
      if (op === 'REMOVED') this.known.delete(element.id);
      else this.known.set(element.id, element);
    }
  }

  /** Comparable: id and revision of everything known. */
  picture(): string[] {
    return [...this.known.values()].map(({ id, revision }) => `${id}@${revision}`).sort();
  }
}

/** Type `veth` decides. */
export const OWN: LiveScope = {
  reach: 'own',
  matchesNode: ({ metadata }) => metadata.Type === 'veth',
  matchesEdge: () => true,
};

/** Owned by a node of type `netns`. */
export const OTHERS: LiveScope = {
  reach: 'others',
  select(view) {
    const isOwned = (id: string): boolean => [...view.inEdges(id)].some(({ parent }) => view.node(parent)?.metadata.Type === 'netns');
    const nodes = new Map([...view.nodes()].filter(({ id }) => isOwned(id)).map((node) => [node.id, node]));
    return { nodes, edges: [...view.edges()].filter(({ parent, child }) => nodes.has(parent) && nodes.has(child)) };
  },
};

/** What the scope selects in a view, comparable with a client's picture. */
export function pictureOf(scope: LiveScope, view: GraphView): string[] {
  return elementsOf(scope, view)
    .map(({ id, revision }) => `${id}@${revision}`)
    .sort();
}

function elementsOf(scope: LiveScope, view: GraphView): Revision[] {
  if (scope.reach === 'others') {
    const { nodes, edges } = scope.select(view) as Selected;
    return [...nodes.values(), ...edges];
  }
  const nodes = new Map<string, Revision>();
  for (const candidate of view.nodes())
    if (scope.reach === 'everything' || scope.matchesNode(candidate)) nodes.set(candidate.id, candidate);
  const elements = [...nodes.values()];
  for (const candidate of view.edges()) {
    const isBetween = nodes.has(candidate.parent) && nodes.has(candidate.child);
    if (isBetween && (scope.reach === 'everything' || scope.matchesEdge(candidate))) elements.push(candidate);
  }
  return elements;
}
