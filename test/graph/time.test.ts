import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { Change, CoverageChange } from '../../src/graph/change.js';
import type { Delta } from '../../src/graph/delta.js';
import { AGENT, NOON, OTHER, TestGraph, edge, node, patch, remove } from './builders.js';
import { replay } from './replay.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A graph that keeps its whole log. */
class LoggedGraph extends TestGraph {
  readonly log: Change[] = [];

  write(origin: string, ...deltas: Delta[]): readonly Change[] {
    const { changes } = this.by(origin, ...deltas);
    this.log.push(...changes);
    return changes;
  }

  /** What the graph at an instant shows of an element. */
  shows(id: string, at: number) {
    return replay(this.log, at).get(id);
  }
}

const told = new Set<string>();
const example = (name: string, body: () => void): void => {
  told.add(name);
  it(name, body);
};

describe('TIME.md', () => {
  example('changes of one instant are ordered by their numbers', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    graph.write(AGENT, patch('a', { State: 'UP' }));
    expect(graph.log).toMatchObject([
      { seq: 1, at: NOON },
      { seq: 2, at: NOON },
    ]);
    expect(graph.shows('a', NOON)?.metadata).toMatchObject({ State: 'UP' });
    expect(graph.shows('a', NOON - 1)).toBeUndefined();
  });

  example('a change right after a question is later than it', () => {
    const graph = new LoggedGraph();
    const view = graph.view();
    expect(view.at).toBe(NOON);
    expect(graph.seal(view.at)).toBe(NOON);
    graph.write(AGENT, node('a'));
    expect(graph.log[0]?.at).toBe(NOON + 1);
    expect([...view.nodes()]).toEqual([]);
    expect(graph.shows('a', NOON)).toBeUndefined();
    expect(graph.view().at).toBe(NOON + 1);
  });

  example('a late delta takes effect when it arrives', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    graph.clock.now += 30 * SECOND;
    graph.write(AGENT, { ...patch('a', { IPV4: ['10.0.0.1/24'] }), observedAt: NOON });
    expect(graph.log[1]).toMatchObject({ at: NOON + 30 * SECOND, observedAt: NOON, element: { observedUpdatedAt: NOON } });
    expect(graph.shows('a', NOON + 10 * SECOND)?.metadata).not.toHaveProperty('IPV4');
  });

  example('an observation from the future counts as now', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a', {}, { observedAt: NOON + HOUR }));
    expect(graph.log[0]).toMatchObject({ at: NOON, observedAt: NOON });
  });

  example('a clock that steps back freezes the axis', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    graph.clock.now = NOON - HOUR;
    expect(graph.clockFreeze()).toBe(HOUR);
    graph.write(AGENT, node('b'));
    graph.clock.now = NOON + 5;
    graph.write(AGENT, node('c'));
    expect(graph.log.map(({ seq, at }) => [seq, at])).toEqual([
      [1, NOON],
      [2, NOON],
      [3, NOON + 5],
    ]);
    expect(graph.clockFreeze()).toBe(0);
  });

  example('a clock that steps forward takes the axis along', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    graph.clock.now = NOON + HOUR;
    graph.write(AGENT, node('b'));
    graph.clock.now = NOON + MINUTE;
    graph.write(AGENT, node('c'));
    expect(graph.log.map(({ at }) => at)).toEqual([NOON, NOON + HOUR, NOON + HOUR]);
    expect(graph.clockFreeze()).toBe(59 * MINUTE);
  });

  example('an instant before the first record is an empty graph', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    expect(replay(graph.log, NOON - MINUTE).size).toBe(0);
  });

  example('an instant in the future means now', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    expect(graph.seal(NOON + HOUR)).toBe(NOON);
    graph.write(AGENT, node('b'));
    expect(graph.log[1]?.at).toBe(NOON + 1);
  });

  example('created and deleted in one millisecond is in no picture', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'), remove('a'));
    expect(graph.log.map((change) => [change.op, change.at])).toEqual([
      ['added', NOON],
      ['removed', NOON],
    ]);
    for (const at of [NOON - 1, NOON, NOON + 1]) expect(graph.shows('a', at)).toBeUndefined();
  });

  example('an element that returns begins a new life', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    graph.clock.now += 10 * MINUTE;
    expect(graph.write(AGENT, remove('a'))).toMatchObject([{ element: { revision: 2, deletedAt: NOON + 10 * MINUTE } }]);
    graph.clock.now += 10 * MINUTE;
    graph.write(AGENT, node('a'));
    expect(graph.node('a')).toMatchObject({ revision: 3, createdAt: NOON + 20 * MINUTE, deletedAt: undefined });
    expect(graph.shows('a', NOON + 5 * MINUTE)).toMatchObject({ revision: 1, createdAt: NOON });
    expect(graph.shows('a', NOON + 15 * MINUTE)).toBeUndefined();
  });

  example('an edge waits for its end', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'), edge('ab', 'a', 'b'));
    for (const delta of [node('b'), remove('b'), node('b')]) {
      graph.clock.now += 10 * MINUTE;
      graph.write(OTHER, delta);
    }
    const minutes = (at: number): number => (at - NOON) / MINUTE;
    expect(graph.log.flatMap((change) => ('element' in change ? [[minutes(change.at), change.op, change.element.id]] : []))).toEqual([
      [0, 'added', 'a'],
      [0, 'suspended', 'ab'],
      [10, 'added', 'b'],
      [10, 'added', 'ab'],
      [20, 'removed', 'ab'],
      [20, 'removed', 'b'],
      [30, 'added', 'b'],
      [30, 'added', 'ab'],
    ]);
    const shown = [5, 15, 25, 35].map((minute) => graph.shows('ab', NOON + minute * MINUTE)?.createdAt);
    expect(shown).toEqual([undefined, NOON + 10 * MINUTE, undefined, NOON + 30 * MINUTE]);
  });

  example('merged changes take effect together', () => {
    const graph = new LoggedGraph();
    graph.write(AGENT, node('a'));
    for (let value = 1; value <= 25; value++) graph.write(AGENT, patch('a', { State: value }));
    graph.clock.now += SECOND;
    graph.log.push(...graph.tick());
    expect(graph.shows('a', NOON + 500)?.metadata['State']).toBe(10);
    expect(graph.shows('a', NOON + SECOND)?.metadata['State']).toBe(25);
    expect(graph.log).toHaveLength(12);
  });

  example('a gap is in the log, between the changes', () => {
    const graph = new LoggedGraph();
    const gap = (op: CoverageChange['op'], since: number): void => {
      const subject = { reason: 'AGENT_LOST', origin: AGENT, host: 'one', probe: undefined } as const;
      graph.log.push({ ...graph.nextStamp(), op, since, ...subject });
    };
    graph.write(AGENT, node('a'));
    graph.clock.now += 40 * SECOND;
    gap('gapOpened', NOON + 5 * SECOND);
    graph.clock.now += MINUTE;
    gap('gapClosed', NOON + 5 * SECOND);
    graph.write(AGENT, patch('a', { State: 'UP' }));
    expect(graph.log.map(({ seq, at }) => [seq, at])).toEqual([
      [1, NOON],
      [2, NOON + 40 * SECOND],
      [3, NOON + 100 * SECOND],
      [4, NOON + 100 * SECOND],
    ]);
    expect(graph.shows('a', NOON + MINUTE)).toMatchObject({ revision: 1 });
  });

  example('the axis goes on after a restart', () => {
    const graph = new LoggedGraph({ now: NOON - MINUTE });
    graph.restore({ elements: [], suspended: [], lastAt: NOON, lastSeq: 7, epoch: 2 });
    graph.write(AGENT, node('a'));
    expect(graph.log[0]).toMatchObject({ seq: 8, at: NOON });
    expect(graph.position()).toEqual({ epoch: 2, seq: 8 });
  });

  afterAll(() => {
    const page = readFileSync(new URL('../../src/graph/TIME.md', import.meta.url), 'utf8');
    expect([...told].sort()).toEqual([...page.matchAll(/^### Example: (.*)$/gm)].map(([, name]) => name).sort());
  });
});
