import type { Server, Socket } from 'node:net';
import type { Clock } from '../common/clock.js';
import type { LimitsConfig } from '../common/config/config.js';
import { SlowWriters } from './slowWriters.js';
import type { Log } from '../common/log.js';

/**
 * Bounds how many connections stand with one address, so that one of them cannot take what all the others need: what is over is cut before a byte of it is
 * read. And bounds how long what is said on one may take to arrive.
 */
export class Connections {
  readonly #open = new Map<string, number>();
  readonly #told = new Set<string>();
  #refused = 0;
  #slowRequests = 0;
  readonly writers: SlowWriters;

  constructor(
    private readonly limits: Pick<LimitsConfig, 'connectionsPerAddress' | 'arrival'>,
    clock: Clock,
    private readonly log: Log,
  ) {
    this.writers = new SlowWriters(limits.arrival, clock);
  }

  get open(): number {
    let open = 0;
    for (const count of this.#open.values()) open += count;
    return open;
  }

  /** Of the address that has the most. */
  get mostOfOneAddress(): number {
    let most = 0;
    for (const count of this.#open.values()) most = Math.max(most, count);
    return most;
  }

  /** Connections that were cut since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Connections that were cut since the start because a request or a message took too long to arrive. */
  get slow(): number {
    return this.#slowRequests + this.writers.cut;
  }

  watch(server: Pick<Server, 'on'>): void {
    server.on('connection', (socket) => this.#count(socket));
    server.on('clientError', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ERR_HTTP_REQUEST_TIMEOUT') this.#slowRequests += 1;
    });
  }

  close(): void {
    this.writers.close();
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress;
    if (address === undefined) return; // gone before it was looked at
    const open = this.#open.get(address) ?? 0;
    if (open >= this.limits.connectionsPerAddress) {
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
