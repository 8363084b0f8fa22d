import { expect, it } from 'vitest';
import type { Delta, PutEdge, PutNode } from '../../src/graph/delta.js';
import { isElementChange } from '../../src/graph/change.js';
import { Analyzer, edge, LinkedAgent, node, pictureOf, remove } from './harness.js';
import { ManualClock, settle } from './manualClock.js';

/** Histories; more with `CANOPY_CHAOS=1000`. Each is found again by its seed. */
const SEEDS = Number(process.env.CANOPY_CHAOS ?? 25);
const STEPS = 120;
const AGENTS = 3;

/** mulberry32 */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** An agent that may be killed and started again; its graph, like the host, goes on. */
class Host {
  agent: LinkedAgent;
  private starts = 0;

  constructor(
    private readonly clock: ManualClock,
    private readonly analyzer: Analyzer,
    readonly name: string,
  ) {
    this.agent = this.begin();
    this.agent.say({ ...node(`${name}/kept`), host: name });
  }

  get incarnation(): string {
    return `${this.name}-${this.starts}`;
  }

  private begin(): LinkedAgent {
    this.starts += 1;
    const options = { origin: `agent.${this.name}`, incarnation: this.incarnation, limits: { keptBytes: 4_000 } };
    const agent = new LinkedAgent(this.clock, () => (this.analyzer.isUp ? this.analyzer.hub : undefined), options);
    agent.link.start();
    return agent;
  }

  /** As `kill -9` and a new start on the same host. */
  async restart(): Promise<void> {
    const elements = this.picture();
    this.agent.wires.at(-1)?.end();
    const stopped = this.agent.link.close();
    await this.clock.advance(1_100);
    await stopped;
    this.agent = this.begin();
    this.agent.say(...elements);
  }

  picture(): (PutNode | PutEdge)[] {
    return pictureOf(this.agent.graph, `agent.${this.name}`);
  }

  /** Something happens on the host. */
  happen(next: (below: number) => number): void {
    const id = `${this.name}/${next(8)}`;
    const kept = `${this.name}/kept`;
    const deltas: Delta[] = [
      { ...node(id), host: this.name },
      { ...node(id, { State: next(2) === 0 ? 'UP' : 'DOWN' }), host: this.name },
      remove(id),
      { ...edge(kept, id), host: this.name },
      remove(`${kept}-${id}`),
    ];
    this.agent.say(deltas[next(deltas.length)] as Delta);
  }
}

async function run(seed: number): Promise<void> {
  const next = random(seed);
  const clock = new ManualClock();
  const analyzer = await new Analyzer(clock).start();
  const hosts = Array.from({ length: AGENTS }, (_, index) => new Host(clock, analyzer, `h${index}`));
  await clock.advance(50);
  const someHost = (): Host => hosts[next(hosts.length)] as Host;
  const events: (() => Promise<void> | void)[] = [
    () => someHost().agent.wires.at(-1)?.end(),
    () => someHost().agent.wires.at(-1)?.stall(),
    () => someHost().restart(),
    async () => {
      const promised = hosts.map(({ agent }) => agent.link.status());
      const before = hosts.map(({ name }) => analyzer.recorder.progressOf(`agent.${name}`));
      await analyzer.crash();
      await clock.advance(next(2_000));
      await analyzer.start();
      for (const [index, { name }] of hosts.entries()) {
        const after = analyzer.recorder.progressOf(`agent.${name}`);
        // What was acknowledged is recovered; an agent that began anew and was not yet heard counts from 1 again.
        if (after?.incarnation === before[index]?.incarnation) expect(after?.lastDelta).toBe(before[index]?.lastDelta);
        if (after?.incarnation === hosts[index]?.incarnation)
          expect(after?.lastDelta).toBeGreaterThanOrEqual(promised[index]?.acknowledged ?? 0);
      }
    },
    () => analyzer.store.hold(),
    () => analyzer.store.release(),
    () => clock.step(next(20_000) - 10_000),
    () => clock.advance(next(3_000)),
  ];
  for (let step = 0; step < STEPS; step += 1) {
    for (let happening = next(4); happening > 0; happening -= 1) someHost().happen(next);
    if (next(4) === 0) await events[next(events.length)]?.();
    await (next(3) === 0 ? clock.advance(next(100)) : settle());
  }

  analyzer.store.release();
  // Long enough for a stalled connection to be noticed and made again, too short for anybody to be given up.
  await clock.advance(34_000);
  await clock.advance(34_000);
  const described = (elements: Iterable<{ id: string; metadata: unknown }>): string[] =>
    [...elements].map(({ id, metadata }) => `${id} ${JSON.stringify(metadata)}`).sort();
  for (const { name, agent } of hosts) {
    expect(agent.link.status()).toMatchObject({ state: 'LIVE', keptBytes: 0, dirtySince: undefined });
    const owned = analyzer.recorder.graph.elementsOf(`agent.${name}`).map(({ revision }) => ({ id: revision.id, metadata: revision.base }));
    expect(described(owned)).toEqual(described(pictureOf(agent.graph, `agent.${name}`)));
  }
  const scars = analyzer.changes.filter(isElementChange).filter(({ op, element }) => op === 'removed' && element.id.endsWith('/kept'));
  expect(scars).toEqual([]);
  for (const { agent } of hosts) void agent.link.close();
  await clock.advance(2_000);
  await analyzer.stop();
}

it(
  `both sides fail at random, ${SEEDS} times: the graphs agree afterwards, and nothing was removed that stayed`,
  { timeout: 30_000 + SEEDS * 2_000 },
  async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      try {
        await run(seed);
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
  },
);
