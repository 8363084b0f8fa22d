import type { Cancel, Clock } from '../../../src/common/clock.js';
import type { Log } from '../../../src/common/log.js';
import { MAX_REASON_LENGTH } from '../../../src/protocol/limits.js';
import type { ProbeState, ProbeStatus } from '../../../src/protocol/status.js';
import type { Capability } from '../../linux/capabilities.js';
import type { ProbeWriter } from './agentGraph.js';
import { CostMeter } from './costMeter.js';
import { meteredContext } from './metered.js';
import type { Health, Probe, ProbeContext, ProbeDefinition } from './probe.js';

/** Milliseconds until a probe that failed is started again. */
const START_AGAIN = 3_000;

/** Milliseconds that the others wait for one that has not started; it goes on starting. */
const START_WITHIN = 10_000;

/** Milliseconds that the agent waits for one that stops. */
const STOP_WITHIN = 1_000;

/** Milliseconds over which rates are taken, at least: what the start costs is spread over as long, or it would look like what the agent takes. */
const RATE_PERIOD = 60_000;

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Capabilities that the process has. */
  readonly effective: ReadonlySet<Capability>;
  /** What a probe gets besides its health; `undefined` with a reason when it cannot run here at all. */
  readonly contextFor: (definition: ProbeDefinition) => Omit<ProbeContext, 'health' | 'log' | 'graph'> | { readonly impossible: string };
  readonly writerFor: (definition: ProbeDefinition) => ProbeWriter;
  /** Called when a state or a reason changed. */
  readonly changed: () => void;
}

/** Runs probes apart from each other: one that fails says so, is stopped, and is started again; the others go on. */
export class ProbeSupervisor {
  private readonly keepers: readonly ProbeKeeper[];
  private readonly cancelRates: Cancel;

  constructor(
    definitions: readonly ProbeDefinition[],
    private readonly options: SupervisorOptions,
  ) {
    const meter = new CostMeter();
    this.keepers = definitions.map((definition) => new ProbeKeeper(definition, meter, options));
    this.cancelRates = options.clock.every(RATE_PERIOD, () => {
      for (const keeper of this.keepers) keeper.markRates();
    });
  }

  /** Starts all, one after the other; resolves when each has started, has failed, or takes too long. */
  async start(): Promise<void> {
    for (const keeper of this.keepers) {
      if (!(await isDoneWithin(this.options.clock, START_WITHIN, keeper.start()))) keeper.isLate();
    }
  }

  /** Something that the probe left running threw, where nobody could catch it. */
  failed(name: string, error: unknown): void {
    this.keepers.find((keeper) => keeper.name === name)?.failed(error);
  }

  status(): readonly ProbeStatus[] {
    return this.keepers.map((keeper) => keeper.status());
  }

  async stop(): Promise<void> {
    this.cancelRates();
    for (const keeper of [...this.keepers].reverse()) await keeper.stop();
  }
}

/** `false` when it takes longer; what it throws then is nobody's any more. */
function isDoneWithin(clock: Clock, time: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(time, () => resolve(false));
    work.finally(cancel).then(() => resolve(true), reject);
  });
}

interface Mark {
  readonly at: number;
  readonly busyMs: number;
  readonly events: number;
}

class ProbeKeeper {
  private readonly log: Log;
  private readonly graph: ProbeWriter;
  private probe: Probe | undefined;
  private state: ProbeState = 'STARTING';
  private reason: string | undefined;
  private events = 0;
  private restarts = 0;
  /** Counts runs, so that what an old one still says is told apart. */
  private run = 0;
  /** What was counted a period ago, and at the last full period. */
  private marks: [before: Mark, last: Mark];
  private cancelRetry: Cancel | undefined;
  private isStopped = false;

  constructor(
    private readonly definition: ProbeDefinition,
    private readonly meter: CostMeter,
    private readonly options: SupervisorOptions,
  ) {
    const start = { at: options.clock.monotonic(), busyMs: 0, events: 0 };
    this.marks = [start, start];
    this.log = options.log.child({ probe: definition.name });
    this.graph = options.writerFor(definition);
  }

  async start(): Promise<void> {
    const context = this.options.contextFor(this.definition);
    if ('impossible' in context) return this.show('FAILED', context.impossible);
    const run = ++this.run;
    this.graph.beginRun();
    try {
      const health = this.healthOf(run);
      const metered = meteredContext(
        context,
        (work) => this.metered(work),
        (error) => health.failed(error),
      );
      this.probe = this.metered(() => this.definition.create({ ...metered, graph: this.graph, log: this.log, health }));
      await this.metered(() => this.probe!.start());
      if (run !== this.run || this.isStopped || this.state === 'FAILED') return;
      this.graph.removeLeftOver();
      if (this.state === 'STARTING') this.show('RUNNING', undefined);
    } catch (error) {
      await this.fail(run, error);
    }
  }

  get name(): string {
    return this.definition.name;
  }

  isLate(): void {
    if (this.state === 'STARTING') this.show('STARTING', `it has not started within ${START_WITHIN / 1000} s; the others go on`);
  }

  failed(error: unknown): void {
    void this.fail(this.run, error);
  }

  status(): ProbeStatus {
    const { name, needs } = this.definition;
    const missing = [...new Set(needs.map(({ capability }) => capability))].filter((capability) => !this.options.effective.has(capability));
    const { state, reason, events, restarts } = this;
    const busyMs = this.meter.of(name);
    const [before] = this.marks;
    const passed = Math.max(RATE_PERIOD, this.options.clock.monotonic() - before.at);
    const busyPercent = ((busyMs - before.busyMs) / passed) * 100;
    const eventsPerSecond = ((events - before.events) / passed) * 1000;
    return { name, state, reason, missing, events, restarts, busyMs, busyPercent, eventsPerSecond };
  }

  /** A period has passed: rates are from the one before on. */
  markRates(): void {
    const now = { at: this.options.clock.monotonic(), busyMs: this.meter.of(this.definition.name), events: this.events };
    this.marks = [this.marks[1], now];
  }

  private metered<Result>(work: () => Result): Result {
    return this.meter.run(this.definition.name, work);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelRetry?.();
    await this.end();
    this.show('STOPPED', 'the agent stops');
  }

  private healthOf(run: number): Health {
    const isMine = (): boolean => run === this.run && !this.isStopped && this.state !== 'FAILED';
    return {
      ok: (says) => isMine() && this.show('RUNNING', says),
      degraded: (reason) => isMine() && this.show('DEGRADED', reason),
      failed: (error) => void (isMine() && this.fail(run, error)),
      heard: (events) => void (this.events += events),
    };
  }

  private async fail(run: number, error: unknown): Promise<void> {
    if (run !== this.run || this.isStopped || this.state === 'FAILED') return;
    const reason = error instanceof Error ? error.message : String(error);
    this.log.error(
      { error: error instanceof Error ? error.stack : reason },
      `the probe failed and is started again in ${START_AGAIN / 1000} s: ${reason}`,
    );
    this.show('FAILED', reason);
    await this.end();
    if (this.isStopped) return;
    this.cancelRetry = this.options.clock.after(START_AGAIN, () => {
      this.restarts++;
      this.show('STARTING', reason);
      void this.start();
    });
  }

  /** A probe that cannot even stop is left to itself. */
  private async end(): Promise<void> {
    const { probe } = this;
    this.probe = undefined;
    try {
      const stopping = Promise.resolve(probe?.stop());
      if (!(await isDoneWithin(this.options.clock, STOP_WITHIN, stopping)))
        this.log.error({}, `the probe did not stop within ${STOP_WITHIN} ms`);
    } catch (error) {
      this.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'the probe did not stop cleanly');
    }
  }

  private show(state: ProbeState, reason: string | undefined): void {
    const shown = reason?.slice(0, MAX_REASON_LENGTH);
    if (state === this.state && shown === this.reason) return;
    this.state = state;
    this.reason = shown;
    this.options.changed();
  }
}
