import { WebSocket } from 'ws';
import { systemClock } from '../../../src/common/clock.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { startAnalyzer } from '../../../src/server/analyzer.js';
import { stockServer } from '../compat-subscribe.js';

const nodeText = (index: number): string =>
  JSON.stringify({
    Namespace: 'Graph',
    Type: 'NodeAdded',
    UUID: `0b5b9b4c-0000-4000-8000-${String(index).padStart(12, '0')}`,
    Status: 200,
    Obj: {
      ID: `node-${index}`,
      Metadata: { Name: `n${index}`, Type: 'device', State: 'UP', MTU: 1500 },
      Host: 'h',
      Origin: 'bench.publisher',
      CreatedAt: 1_700_000_000_000,
      UpdatedAt: 1_700_000_000_000,
      DeletedAt: null,
      Revision: 1,
    },
  });

/** What publishes so many events, one after the other. */
async function open(side: string): Promise<{ readonly url: string; publish(count: number): void }> {
  if (side === 'stock') {
    const { url, broadcast } = await stockServer();
    return {
      url,
      publish(count) {
        let sent = 0;
        const next = (): void => {
          for (let burst = 0; burst < 10 && sent < count; burst++) broadcast(nodeText(sent++));
          if (sent < count) setImmediate(next);
        };
        next();
      },
    };
  }
  const config = configWith({
    listen: '127.0.0.1:0',
    dataDir: process.argv[3]!,
    'quota.changesPerSecond': 1_000_000,
  });
  const { url } = await startAnalyzer(config, { clock: systemClock, log: silentLog });
  const publisher = new WebSocket(`${url.replace('http', 'ws')}/ws/publisher`, {
    headers: { 'X-Host-ID': 'publisher', 'X-Client-Type': 'bench' },
  });
  await new Promise((resolve) => publisher.once('open', resolve));
  return {
    url,
    publish(count) {
      for (let index = 0; index < count; index++) publisher.send(nodeText(index));
    },
  };
}

const server = await open(process.argv[2]!);
process.on('message', ({ publish }: { publish: number }) => server.publish(publish));
process.send!({ url: server.url });
