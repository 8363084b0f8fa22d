import { WebSocket } from 'ws';

/** What the load says to the bench. */
export interface Report {
  readonly kind: 'connected' | 'received';
}

const [url, count] = process.argv.slice(2) as [string, string];
const report = (kind: Report['kind']): void => void process.send!({ kind } satisfies Report);

let expected = Infinity;
let waiting = Number(count);

process.on('message', ({ expect }: { expect: number }) => (expected = expect));

let open = 0;
for (let index = 0; index < Number(count); index++) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/subscriber`, {
    headers: { 'X-Host-ID': `bench-${index}`, 'X-Client-Type': 'bench' },
    perMessageDeflate: false,
  });
  let received = 0;
  socket.on('message', () => {
    if (++received === expected && --waiting === 0) report('received');
  });
  socket.on('open', () => {
    if (++open === Number(count)) report('connected');
  });
}
