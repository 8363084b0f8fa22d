import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** One message of graphql-transport-ws as it arrived. */
export interface RawMessage {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
  /** The bytes of the whole message. */
  readonly text: string;
}

/** A client that sees every message as it is on the wire, and whose socket can be left unread or cut. */
export class RawClient {
  readonly messages: RawMessage[] = [];
  readonly #listeners = new Set<() => void>();
  closed: { readonly code: number; readonly reason: string } | undefined;

  private constructor(
    readonly ws: WebSocket,
    readonly socket: Socket,
  ) {
    ws.on('message', (bytes: Buffer) => {
      const text = bytes.toString('utf8');
      this.messages.push({ ...(JSON.parse(text) as Omit<RawMessage, 'text'>), text });
      this.#tell();
    });
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString('utf8') };
      this.#tell();
    });
    ws.on('error', () => undefined);
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<RawClient> {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    const upgraded = once(ws, 'upgrade') as Promise<[{ socket: Socket }]>;
    const opened = once(ws, 'open');
    const client = await upgraded.then(([{ socket }]) => new RawClient(ws, socket));
    await opened;
    return client;
  }

  send(message: object): void {
    this.ws.send(JSON.stringify(message));
  }

  /** Says who it is and waits for the answer. */
  async init(payload?: object): Promise<void> {
    this.send({ type: 'connection_init', ...(payload ? { payload } : {}) });
    await this.until(() => this.closed !== undefined || this.messages.some(({ type }) => type === 'connection_ack'));
  }

  subscribe(id: string, query: string, variables: object = {}): void {
    this.send({ id, type: 'subscribe', payload: { query, variables } });
  }

  /** Payloads of `next` messages of one operation. */
  next<T = Record<string, unknown>>(id: string): T[] {
    return this.messages
      .filter((message) => message.id === id && message.type === 'next')
      .map(({ payload }) => (payload as { data: T }).data);
  }

  async until(holds: () => boolean, timeoutMs = 15_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!holds()) {
      const left = deadline - performance.now();
      if (left <= 0)
        throw new Error(
          `waited in vain; last messages: ${this.messages
            .slice(-3)
            .map(({ text }) => text.slice(0, 300))
            .join('\n')}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const listeners = this.#listeners;
        function done() {
          clearTimeout(timer);
          listeners.delete(done);
          resolve();
        }
        listeners.add(done);
      });
    }
  }

  cut(): void {
    this.ws.terminate();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
