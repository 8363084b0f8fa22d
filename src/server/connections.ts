import type { Server, Socket } from 'node:net';
import type { Log } from '../common/log.js';

/** Bounds how many connections stand with one address, so that one of them cannot take what all the others need: what is over is cut before a byte of it is read. */
export class Connections {
  readonly #open = new Map<string, number>();
  readonly #told = new Set<string>();
  #refused = 0;

  constructor(
    private readonly perAddress: number,
    private readonly log: Log,
  ) {}

  /** Connections that were cut since the start. */
  get refused(): number {
    return this.#refused;
  }

  watch(server: Pick<Server, 'on'>): void {
    server.on('connection', (socket) => this.#count(socket));
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined) return; // gone before it was looked at
    const open = this.#open.get(address) ?? 0;
    if (open >= this.perAddress) {
      this.#refused += 1;
      socket.destroy();
      if (this.#told.has(address)) return;
      this.#told.add(address);
      this.log.warn(
        { address, connections: open },
        'too many connections from one address: further ones are cut (limits.connectionsPerAddress)',
      );
      return;
    }
    this.#open.set(address, open + 1);
    socket.once('close', () => this.#forget(address));
  }

  #forget(address: string): void {
    const left = this.#open.get(address)! - 1;
    if (left > 0) return void this.#open.set(address, left);
    this.#open.delete(address);
    this.#told.delete(address);
  }
}
