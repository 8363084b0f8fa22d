import { silentLog } from '../../src/common/log.js';
import { isElementChange, type Change } from '../../src/graph/change.js';
import type { Position } from '../../src/graph/position.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { Hub } from '../../src/hub/hub.js';
import { Recorder } from '../../src/journal/recorder.js';
import { pictureOf, Replay, type Picture } from '../history/replay.js';
import { SimulatedNetwork } from './network.js';
import { ProcessClock } from './processClock.js';
import { Random } from './random.js';
import { SimulatedAgent } from './simulatedAgent.js';
import { SimulatedDisk, type WriteFate } from './simulatedDisk.js';
import { VirtualClock } from './virtualClock.js';

const HOSTS = ['one', 'two', 'three'] as const;
const STEPS = 50;
/** Pictures that are remembered, the newest ones. */
const MOST_SHOWN = 8;
const LONGEST_WRITE_MS = 40;
const QUOTA = { elements: 1e6, metadataBytes: 1e9, changesPerSecond: 1e6 };
const LIMITS = { maxTailBytes: 1 << 20 };

/** How likely things are, in each step, or for each write to the disk. */
const CHANCE = {
  act: 0.5,
  mutate: 0.2,
  ask: 0.3,
  crash: 0.03,
  cut: 0.05,
  agentRestart: 0.03,
  clockStep: 0.03,
  writeCrash: 0.01,
  writeRefused: 0.02,
};

/** A picture that somebody was shown. */
interface Shown {
  readonly position: Position;
  /** The resolved instant, for those that asked by time. */
  readonly at: number;
  readonly life: number;
  readonly picture: Picture;
}

/** A broken promise: what it was, with the seed that shows it again. */
export class BrokenPromise extends Error {}

/**
 * An analyzer with its agents, on a clock, a network and a disk that one seed decides about. Everything between is the real thing: links, hub, live graph,
 * recorder, journal, history. The analyzer may stop at every write, and does.
 */
export class World {
  readonly #random: Random;
  readonly #clock = new VirtualClock();
  readonly #disk = new SimulatedDisk();
  readonly #network: SimulatedNetwork;
  readonly #agents: SimulatedAgent[];
  #process!: ProcessClock;
  #recorder!: Recorder;
  #history!: EmbeddedHistory;
  #hub!: Hub;
  #isUp = false;
  #isQuiet = false;
  #life = 0;
  /** By seq, what was told, without what a crash took. */
  #told: Change[] = [];
  #shown: Shown[] = [];
  crashes = 0;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    this.#network = new SimulatedNetwork(this.#clock, this.#random);
    this.#disk.fateOf = () => this.#fate();
    this.#disk.onCrash = () => this.#die();
    this.#agents = HOSTS.map((host) => new SimulatedAgent(host, HOSTS, this.#clock, this.#network, this.#random));
  }

  /** Lives through the whole story and checks what was promised all the way. Throws `BrokenPromise`. */
  async run(): Promise<void> {
    await this.#start();
    for (let step = 0; step < STEPS; step++) await this.#step();
    await this.#calmDown();
    await this.#checkShown();
    await this.#checkPresent();
    this.#checkAgents();
    for (const agent of this.#agents) agent.stop();
    this.#die();
  }

  async #step(): Promise<void> {
    const random = this.#random;
    if (!this.#isUp) await this.#start();
    for (const agent of this.#agents) if (random.chance(CHANCE.act)) agent.act();
    if (random.chance(CHANCE.mutate)) this.#mutate();
    if (random.chance(CHANCE.cut)) this.#network.cut(false);
    if (random.chance(CHANCE.agentRestart)) random.pick(this.#agents).restart();
    if (random.chance(CHANCE.clockStep)) this.#clock.step(random.below(4_000) - 2_000);
    if (random.chance(CHANCE.ask)) await this.#ask();
    if (random.chance(CHANCE.crash)) this.#disk.crash();
    await this.#pass(random.below(1_500));
  }

  /** A start may itself end in a crash; then the next one is tried. */
  async #start(): Promise<void> {
    while (!this.#isUp) {
      const life = ++this.#life;
      this.#process = new ProcessClock(this.#clock);
      const opening = Recorder.open(this.#disk.open(), { clock: this.#process, log: silentLog, limits: LIMITS });
      opening.catch(() => undefined);
      let opened: Recorder | undefined;
      let isRefused = false;
      opening.then(
        (recorder) => (opened = recorder),
        () => (isRefused = true),
      );
      for (let wait = 0; opened === undefined && !isRefused && this.#isAlive(life) && wait < 100; wait++) await this.#pass(20);
      if (opened === undefined || !this.#isAlive(life)) {
        if (this.#isAlive(life)) this.#die();
        continue;
      }
      this.#recorder = opened;
      this.#history = new EmbeddedHistory(opened, { cacheBytes: 1 << 20 });
      await this.#checkRecovered();
      opened.onChanges((changes) => this.#told.push(...changes));
      this.#hub = new Hub({ recorder: opened, clock: this.#process, log: silentLog, quota: QUOTA, software: 'simulator' });
      this.#network.hub = this.#hub;
      this.#isUp = true;
    }
  }

  #isAlive(life: number): boolean {
    return this.#life === life && this.#deaths < life;
  }

  #deaths = 0;

  /** Whatever the process had in memory is gone. */
  #die(): void {
    if (this.#deaths === this.#life) return;
    this.#deaths = this.#life;
    this.crashes++;
    this.#process.kill();
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#network.hub = undefined;
    this.#hub.close();
    this.#network.cut(true);
    // What was durable must come back; the rest may. A start that did not get far has acknowledged nothing.
    this.#durableSeq = this.#recorder.journal.keptSeq;
  }

  #durableSeq = 0;

  /** acknowledged ⊆ recovered ⊆ told, in the same order; and the restored graph is their replay. */
  async #checkRecovered(): Promise<void> {
    const { journal } = this.#recorder;
    const recovered: Change[] = [];
    for (let seq = 1; seq <= journal.lastSeq; seq++) {
      const change = journal.change(seq);
      this.#expect(change !== undefined, `change ${seq} of ${journal.lastSeq} is missing after a start`);
      recovered.push(change!);
    }
    // The start has logged the absence already.
    const back = journal.epochs.firstSeq - 1;
    this.#expect(back >= this.#durableSeq, `only ${back} changes are back, ${this.#durableSeq} were acknowledged`);
    for (const told of this.#told.slice(0, back)) this.#same(told, recovered[told.seq - 1]!);
    this.#told = recovered;
    const replay = new Replay();
    for (const change of recovered) replay.take(change);
    const view = this.#recorder.graph.view();
    this.#equal(pictureOf(view), replay.picture(), 'the graph after a start is not the replay of its changes');
    view.release();
    await this.#checkShown();
  }

  /** The graph at a position that was shown is shown again, unless a crash took it. */
  async #checkShown(): Promise<void> {
    this.#shown = this.#shown.filter(({ position }) => this.#history.check(position) === 'good');
    for (const { position, at, life, picture } of this.#shown) {
      const view = await this.#history.at(position);
      this.#equal(pictureOf(view), picture, `the graph at ${position.epoch}:${position.seq} is another than before`);
      view.release();
      if (life !== this.#life) continue;
      const again = await this.#history.resolve(at);
      this.#expect(again.position.seq === position.seq, `instant ${at} was ${position.seq} and is ${again.position.seq}`);
    }
  }

  /** A snapshot and the changes after it give the present, from each position that anybody holds. */
  async #checkPresent(): Promise<void> {
    const present = this.#recorder.present();
    const now = pictureOf(present);
    present.release();
    for (const { position, picture } of this.#shown) {
      if (this.#history.check(position) !== 'good') continue;
      const replay = Replay.from(picture);
      const resumed: number[] = [];
      for await (const change of this.#history.changes({ after: position })) {
        replay.take(change);
        resumed.push(change.seq);
      }
      this.#equal(replay.picture(), now, `the snapshot at ${position.seq} and the changes since are not the present`);
      const uninterrupted = this.#told.filter(({ seq, op }) => seq > position.seq && op !== 'suspended').map(({ seq }) => seq);
      this.#equal(resumed, uninterrupted, `who resumes at ${position.seq} hears other changes than who stayed`);
    }
  }

  /** In the end the analyzer has of each host what is there: edges to missing ends apart. */
  #checkAgents(): void {
    for (const agent of this.#agents) {
      const wanted = agent.picture().map((delta) => `${delta.op} ${delta.id} ${JSON.stringify(delta.metadata)}`);
      const got = this.#recorder.graph
        .elementsOf(agent.origin)
        .map(({ revision, said }) => `${revision.kind === 'node' ? 'putNode' : 'putEdge'} ${revision.id} ${JSON.stringify(said.base)}`);
      this.#equal(got.sort(), wanted.sort(), `the analyzer has another picture of ${agent.host} than its agent`);
    }
  }

  async #ask(): Promise<void> {
    const { lastSeq } = this.#recorder.journal;
    const recent = this.#random.chance(0.5);
    const instant = recent ? this.#clock.now() : (this.#told[this.#random.below(lastSeq)]?.at ?? 0);
    const life = this.#life;
    const { position, at } = await this.#history.resolve(instant);
    const view = await this.#history.at(position);
    const picture = pictureOf(view);
    view.release();
    const replay = new Replay();
    for (const change of this.#told) if (change.seq <= position.seq) replay.take(change);
    this.#equal(picture, replay.picture(), `the graph at ${at} is not the replay up to ${position.seq}`);
    this.#shown.push({ position, at, life, picture });
    this.#shown = this.#shown.slice(-MOST_SHOWN);
    if (recent) await this.#checkPresent();
  }

  #mutate(): void {
    const id = `${this.#random.pick(HOSTS)}/${this.#random.below(6)}`;
    const recorder = this.#recorder;
    const { durable, position } = recorder.record({
      origin: 'user',
      immediate: true,
      deltas: [{ op: 'patch', id, set: [['User.Note', this.#random.below(5)]] }],
    });
    void durable.then(
      () => this.#expect(recorder.journal.keptSeq >= position.seq, `${position.seq} was acknowledged before it was durable`),
      () => undefined,
    );
  }

  /** No more accidents; long enough for everybody to come back and say what they have. */
  async #calmDown(): Promise<void> {
    this.#isQuiet = true;
    if (!this.#isUp) await this.#start();
    await this.#pass(60_000, 500);
  }

  #fate(): WriteFate {
    const random = this.#random;
    const delayMs = random.below(LONGEST_WRITE_MS);
    const delay = (): Promise<void> => new Promise((resolve) => void this.#clock.after(delayMs, resolve));
    if (this.#isQuiet) return { delay, outcome: 'kept' };
    if (random.chance(CHANCE.writeCrash)) return { delay, outcome: random.chance(0.5) ? 'lost-in-crash' : 'kept-in-crash' };
    return { delay, outcome: random.chance(CHANCE.writeRefused) ? 'refused' : 'kept' };
  }

  /** Time passes, in small steps, and what it sets off runs. */
  async #pass(ms: number, stepMs = 50): Promise<void> {
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.#clock.advance(Math.min(stepMs, ms - passed));
      await settle();
    }
  }

  #same(told: Change, recovered: Change): void {
    const facts = (change: Change): unknown =>
      isElementChange(change)
        ? [change.seq, change.at, change.op, change.element.id, change.element.revision, change.element.base]
        : [change.seq, change.at, change.op];
    this.#equal(facts(recovered), facts(told), `change ${told.seq} came back as another`);
  }

  #equal(got: unknown, wanted: unknown, what: string): void {
    const [left, right] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (left !== right) throw new BrokenPromise(`seed ${this.seed}: ${what}\n got ${left}\n not ${right}`);
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) throw new BrokenPromise(`seed ${this.seed}: ${what}`);
  }
}

/** Promises that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}
