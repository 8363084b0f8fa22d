import { connect, type Socket } from 'node:net';

/** What the bench asks this process to do, and what it answers. */
export type Order =
  | { readonly kind: 'subscribe'; readonly port: number; readonly subscribers: number; readonly query: string }
  | { readonly kind: 'expect'; readonly messages: number }
  | { readonly kind: 'end' };
export type Report = { readonly kind: 'subscribed' } | { readonly kind: 'received'; readonly messages: number };

/**
 * Many subscribers in one process of their own, as cheap as possible: they count text frames and look into none, so that what is measured
 * is the server. Started by `fork`; talks in `Order` and `Report`.
 */

/** Acknowledgement and snapshot, before what is counted. */
const OPENING_MESSAGES = 2;

const AT_ONCE = 250;

const TEXT = 0x1;
const MASKED = 0x80;

/** A masked text frame with the mask 0, as clients have to send them (RFC 6455 §5.3). */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(payload.length < 126 ? 6 : 8);
  header[0] = 0x80 | TEXT;
  if (payload.length < 126) header[1] = MASKED | payload.length;
  else {
    header[1] = MASKED | 126;
    header.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([header, payload]);
}

const upgrade = (port: number): string =>
  [
    'GET /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    '\r\n',
  ].join('\r\n');

/** Counts text frames in a stream of bytes; keeps only what is left of a cut header. */
function frameCounter(onText: () => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let skip = 0;
  return (bytes) => {
    let data = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    let at = 0;
    for (;;) {
      const left = data.length - at;
      if (skip > left) {
        skip -= left;
        rest = Buffer.alloc(0);
        return;
      }
      at += skip;
      skip = 0;
      if (data.length - at < 2 || data.length - at < headerLength(data[at + 1]!)) {
        rest = data.subarray(at);
        return;
      }
      const short = data[at + 1]!;
      const length = short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
      if ((data[at]! & 0x0f) === TEXT) onText();
      at += headerLength(short);
      skip = length;
      if (at > 1 << 20) {
        data = data.subarray(at);
        at = 0;
      }
    }
  };
}

const headerLength = (short: number): number => (short < 126 ? 2 : short === 126 ? 4 : 10);

const sockets: Socket[] = [];
let received = 0;
let expected = Infinity;
const send = (report: Report): void => void process.send!(report);

async function subscribe({ port, subscribers, query }: Extract<Order, { kind: 'subscribe' }>): Promise<void> {
  // No more at once than a server's queue of new connections holds.
  for (let left = subscribers; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => subscriber(port, query)));
  received = 0;
  send({ kind: 'subscribed' });
}

/** Resolves when the snapshot is there. */
const subscriber = (port: number, query: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    let messages = 0;
    const count = frameCounter(() => {
      messages += 1;
      if (messages === 1) socket.write(textFrame(JSON.stringify({ id: 'fanout', type: 'subscribe', payload: { query } })));
      if (messages <= OPENING_MESSAGES) {
        if (messages === OPENING_MESSAGES) resolve();
        return;
      }
      received += 1;
      if (received === expected) send({ kind: 'received', messages: received });
    });
    let isOpen = false;
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      if (isOpen) return count(bytes);
      const end = bytes.indexOf('\r\n\r\n');
      isOpen = true;
      socket.write(textFrame(JSON.stringify({ type: 'connection_init' })));
      count(bytes.subarray(end + 4));
    });
    socket.write(upgrade(port));
  });

process.on('message', (order: Order) => {
  if (order.kind === 'subscribe') void subscribe(order);
  else if (order.kind === 'expect') {
    expected = order.messages;
    if (received >= expected) send({ kind: 'received', messages: received });
  } else process.exit(0);
});
