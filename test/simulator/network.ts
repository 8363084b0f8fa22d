import type { Dial, LinkSocketEvents } from '../../agent/link/linkSocket.js';
import type { Clock } from '../../src/common/clock.js';
import type { Connection } from '../../src/hub/connection.js';
import type { Hub } from '../../src/hub/hub.js';
import type { Random } from './random.js';

/** Longest way of a message, ms. */
const LONGEST_DELAY_MS = 30;

/** One connection: messages of each direction arrive in order, each after its own delay; a cut loses what is on its way. */
class Cable {
  #isCut = false;
  #isPaused = false;
  readonly #waiting: Uint8Array[] = [];
  #toHub: (bytes: Uint8Array) => void = () => undefined;
  #hubClosed: (code: number, reason: string) => void = () => undefined;
  /** When the last message of each direction arrives. */
  readonly #arrival = { toHub: 0, toAgent: 0 };
  readonly connection: Connection;

  constructor(
    private readonly events: LinkSocketEvents,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {
    this.connection = {
      remoteAddress: 'simulated',
      bufferedBytes: 0,
      send: (bytes) => this.#later('toAgent', () => this.events.received(bytes)),
      close: (code, reason) => this.#later('toAgent', () => this.cut(code, reason)),
      onMessage: (listener) => (this.#toHub = listener),
      onClose: (listener) => (this.#hubClosed = listener),
      pause: () => (this.#isPaused = true),
      resume: () => {
        this.#isPaused = false;
        queueMicrotask(() => this.#deliver());
      },
    };
  }

  send(bytes: Uint8Array): void {
    this.#later('toHub', () => {
      this.#waiting.push(bytes);
      this.#deliver();
    });
  }

  /** Ends it for both sides, with everything that is on its way. */
  cut(code = 1006, reason = ''): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#hubClosed(code, reason);
    this.events.closed(code, reason, undefined);
  }

  #later(direction: 'toHub' | 'toAgent', arrive: () => void): void {
    const now = this.clock.monotonic();
    const at = Math.max(this.#arrival[direction], now + this.random.below(LONGEST_DELAY_MS));
    this.#arrival[direction] = at;
    this.clock.after(at - now, () => {
      if (!this.#isCut) arrive();
    });
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isCut) {
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#toHub(bytes);
    }
  }
}

/** Connects agents to whatever hub runs at the moment. */
export class SimulatedNetwork {
  hub: Hub | undefined;
  #cables: Cable[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  readonly dial: Dial = (events) => {
    const cable = new Cable(events, this.clock, this.random);
    this.clock.after(this.random.below(LONGEST_DELAY_MS), () => {
      if (this.hub === undefined) return events.closed(1006, '', { message: 'nothing listens', isRefusal: false });
      this.#cables.push(cable);
      this.hub.accept(cable.connection);
      events.opened();
    });
    return {
      send: (bytes) => cable.send(bytes),
      bufferedBytes: () => 0,
      close: (code, reason) => cable.cut(code, reason),
      terminate: () => cable.cut(),
    };
  };

  /** Cuts one connection, or all of them. */
  cut(all: boolean): void {
    const cables = all ? this.#cables.splice(0) : this.#cables.splice(this.random.below(this.#cables.length), 1);
    for (const cable of cables) cable.cut();
  }
}
