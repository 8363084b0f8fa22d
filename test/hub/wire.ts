import type { Dial, LinkSocketEvents } from '../../agent/link/linkSocket.js';
import type { Connection } from '../../src/hub/connection.js';
import type { Hub } from '../../src/hub/hub.js';

/** One connection in memory. Bytes arrive a microtask later, in order, unless the wire is cut or the reader paused. */
export class Wire {
  private toHub: Uint8Array[] = [];
  private isPaused = false;
  private isScheduled = false;
  private isCut = false;
  closeCode: number | undefined;
  closeReason: string | undefined;
  private hubMessage: (bytes: Uint8Array) => void = () => undefined;
  private hubClose: (code: number, reason: string) => void = () => undefined;
  /** Bytes the hub sent while nobody reads (see `stall`). */
  buffered = 0;
  private isStalled = false;
  readonly connection: Connection;

  constructor(
    private readonly events: LinkSocketEvents,
    remoteAddress = 'memory',
  ) {
    const buffered = (): number => this.buffered;
    this.connection = {
      remoteAddress,
      send: (bytes) => this.fromHub(bytes),
      close: (code, reason) => this.end(code, reason),
      onMessage: (listener) => (this.hubMessage = listener),
      onClose: (listener) => (this.hubClose = listener),
      pause: () => (this.isPaused = true),
      resume: () => {
        this.isPaused = false;
        this.schedule();
      },
      get bufferedBytes() {
        return buffered();
      },
    };
  }

  get isOpen(): boolean {
    return !this.isCut;
  }

  get readerIsPaused(): boolean {
    return this.isPaused;
  }

  send(bytes: Uint8Array): void {
    if (this.isCut) return;
    this.toHub.push(bytes);
    this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      while (!this.isPaused && !this.isCut) {
        const bytes = this.toHub.shift();
        if (bytes === undefined) return;
        this.hubMessage(bytes);
      }
    });
  }

  private fromHub(bytes: Uint8Array): void {
    if (this.isStalled) {
      this.buffered += bytes.length;
      return;
    }
    queueMicrotask(() => {
      if (!this.isCut) this.events.received(bytes);
    });
  }

  /** Neither side hears the other any more, and nobody is told. */
  stall(): void {
    this.isStalled = true;
    this.isPaused = true;
  }

  /** Closes for both sides. */
  end(code = 1006, reason = ''): void {
    if (this.isCut) return;
    // What was sent before the close still arrives, as it does over TCP.
    queueMicrotask(() => {
      if (this.isCut) return;
      this.isCut = true;
      this.closeCode = code;
      this.closeReason = reason;
      this.hubClose(code, reason);
      this.events.closed(code, reason, undefined);
    });
  }
}

/** Connects a link to whatever hub is there at the moment; none: the connection is refused. */
export function dialTo(hub: () => Hub | undefined, wires: Wire[] = []): Dial {
  return (events) => {
    const wire = new Wire(events);
    wires.push(wire);
    queueMicrotask(() => {
      const target = hub();
      if (target === undefined) return events.closed(1006, '', { message: 'nothing listens', isRefusal: false });
      target.accept(wire.connection);
      events.opened();
    });
    return {
      send: (bytes) => wire.send(bytes),
      bufferedBytes: () => 0,
      close: (code, reason) => wire.end(code, reason),
      terminate: () => wire.end(),
    };
  };
}
