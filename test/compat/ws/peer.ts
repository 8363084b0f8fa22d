import { randomUUID } from 'node:crypto';
import protobuf from 'protobufjs';
import { WebSocket } from 'ws';
import { PATIENCE } from '../../patience.js';

export interface Message {
  readonly Namespace: string;
  readonly Type: string;
  readonly UUID: string;
  readonly Status: number;
  /** JSON; bytes where the message says that it holds protobuf. */
  readonly Obj: never;
}

/** The envelope as its protocol page has it, written anew: the bytes are judged by another hand. */
const wire = protobuf
  .parse(
    'syntax = "proto3"; message M { string Namespace = 1; string Type = 2; string UUID = 3; int64 Status = 4; int32 Format = 5; bytes Obj = 6; }',
    { keepCase: true },
  )
  .root.lookupType('M');

/** `Format` of a message whose object is protobuf too. */
const PROTOBUF = 1;

/** What is there at last; `undefined` when patience ends. */
async function patiently<Found>(look: () => Found | undefined): Promise<Found | undefined> {
  const end = performance.now() + PATIENCE.timeout;
  for (;;) {
    const found = look();
    if (found !== undefined || performance.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export interface PeerOptions {
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly protocol?: 'json' | 'protobuf';
}

/** A client as they were written for Skydive. */
export class Peer {
  readonly received: Message[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;
  upgrade: { readonly headers: Readonly<Record<string, string | string[] | undefined>> } | undefined;
  readonly #protocol: 'json' | 'protobuf';

  private constructor(
    readonly webSocket: WebSocket,
    protocol: 'json' | 'protobuf',
  ) {
    this.#protocol = protocol;
    webSocket.on('upgrade', (response) => (this.upgrade = response));
    webSocket.on('message', (data: Buffer, isBinary) => this.received.push(this.#read(data, isBinary)));
    webSocket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
  }

  /** Rejects with the status of a refused handshake. */
  static connect(url: string, path: string, { headers = {}, protocol = 'json' }: PeerOptions = {}): Promise<Peer> {
    const webSocket = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
      headers: { 'X-Host-ID': `peer-${randomUUID()}`, 'X-Client-Type': 'test', 'X-Client-Protocol': protocol, ...headers },
    });
    const peer = new Peer(webSocket, protocol);
    return new Promise((resolve, reject) => {
      webSocket.once('open', () => resolve(peer));
      webSocket.once('unexpected-response', (_request, response) => {
        reject(new Error(`refused with ${response.statusCode}`));
        response.destroy();
      });
      webSocket.once('error', reject);
    });
  }

  send(type: string, body: unknown, uuid: string = randomUUID().replaceAll('-', ''), namespace = 'Graph', status = 200): void {
    if (this.#protocol === 'json') {
      this.webSocket.send(JSON.stringify({ UUID: uuid, Namespace: namespace, Type: type, Obj: body, Status: status }));
      return;
    }
    const message = { Namespace: namespace, Type: type, UUID: uuid, Status: status, Obj: Buffer.from(JSON.stringify(body)) };
    this.webSocket.send(wire.encode(message).finish());
  }

  /** Sends an object that is protobuf itself, as agents answer questions about flows. */
  sendBytes(type: string, body: Uint8Array, uuid: string, namespace: string, status = 200): void {
    this.webSocket.send(
      wire.encode({ Namespace: namespace, Type: type, UUID: uuid, Status: status, Format: PROTOBUF, Obj: body }).finish(),
    );
  }

  /** The picture that the analyzer answers with. */
  async synchronize(request: unknown = { Time: 0, GremlinFilter: null }): Promise<Message> {
    const uuid = randomUUID();
    this.send('SyncRequest', request, uuid);
    return this.until((message) => message.UUID === uuid);
  }

  /** The first message, received or still to come, that fits. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    const found = await patiently(() => this.received.find(fits));
    if (found !== undefined) return found;
    throw new Error(
      `not received; what came: ${JSON.stringify(this.received.map(({ Type }) => Type))}, closed: ${JSON.stringify(this.closed)}`,
    );
  }

  async untilClosed(): Promise<{ readonly code: number; readonly reason: string }> {
    const closed = await patiently(() => this.closed);
    if (closed === undefined) throw new Error('still open');
    return closed;
  }

  /** Types and ids of what was told, in order. */
  get told(): string[] {
    return this.received.map(({ Type, Obj }) => `${Type} ${(Obj as { ID?: string } | null)?.ID ?? ''}`.trim());
  }

  close(): void {
    this.webSocket.terminate();
  }

  #read(data: Buffer, isBinary: boolean): Message {
    if (this.#protocol === 'json') {
      if (isBinary) throw new Error('a binary frame for a client of JSON');
      return JSON.parse(data.toString()) as Message;
    }
    if (!isBinary) throw new Error('a text frame for a client of protobuf');
    const message = wire.toObject(wire.decode(data), { longs: Number }) as Message & { Obj: Buffer; Format?: number };
    const Obj = Buffer.from(message.Obj);
    return { ...message, Obj: (message.Format === PROTOBUF ? Obj : JSON.parse(Obj.toString())) as never };
  }
}
