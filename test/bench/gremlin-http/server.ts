import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { systemClock } from '../../../src/common/clock.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { openRecorder } from '../../../src/journal/recorder.js';
import { startAnalyzer } from '../../../src/server/analyzer.js';
import { HOST_ID, inBatches, putHost, putInterface, putOwnership } from '../interfaces.js';
import { answerOf } from './answer.js';

/** Serves `/api/topology` as `canopy` (the whole analyzer over 20,000 nodes) or `constant` (fastify with a text as long), until standard input ends; prints its address. */
const INTERFACES = 20_000;
const BATCH = 500;
const side = process.argv[2];
const dataDir = mkdtempSync(join(tmpdir(), 'canopy-bench-gremlin-'));

async function serveAnalyzer(): Promise<{ url: string; stop(): Promise<void> }> {
  const config = configWith({ listen: '127.0.0.1:0', dataDir });
  const recorder = await openRecorder({ dataDir, clock: systemClock, log: silentLog, limits: config.history });
  const numbers = Array.from({ length: INTERFACES }, (_, number) => number);
  const deltas = [putHost, ...numbers.map((number) => putInterface(number)), ...numbers.map((number) => putOwnership(HOST_ID, number))];
  for (const batch of inBatches(deltas, BATCH)) await recorder.record({ origin: 'agent.host-0', deltas: batch, immediate: true }).durable;
  await recorder.close();
  const analyzer = await startAnalyzer(config, { clock: systemClock, log: silentLog });
  return { url: `${analyzer.url}/api/topology`, stop: () => analyzer.stop() };
}

async function serveConstant(): Promise<{ url: string; stop(): Promise<void> }> {
  const app = fastify();
  const text = answerOf(Date.now());
  app.post('/api/topology', (_request, reply) => reply.type('application/json; charset=UTF-8').send(text));
  return { url: `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/topology`, stop: () => app.close() };
}

const { url, stop } = await (side === 'constant' ? serveConstant() : serveAnalyzer());
process.stdout.write(`${url}\n`);
process.stdin.resume().on('end', () => {
  void stop().finally(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
