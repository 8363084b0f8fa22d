import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { RequestContext } from '../../../resolvers/context.js';
import { resolvers } from '../../../resolvers/build.js';
import { buildSchemaAsWritten } from '../../../schema/build.js';
import { systemClock } from '../../../src/common/clock.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { EmbeddedHistory } from '../../../src/history/embedded/historyStore.js';
import { openRecorder } from '../../../src/journal/recorder.js';
import { openSamples } from '../../../src/samples/duckdb/sampleStore.js';
import { startAnalyzer } from '../../../src/server/analyzer.js';
import { openFlowStore } from '../../../src/flowstore/duckdb/flowStore.js';
import { EmbeddedRegistry } from '../../../src/registry/embedded/registry.js';
import { noAgents } from '../../../src/services/captures/agents.js';
import { LiveService } from '../../../src/services/live/liveService.js';
import { createServices } from '../../../src/services/services.js';
import { everybody } from '../../../src/services/viewer.js';
import { fill } from './hosts.js';

/** Serves the same graph as `canopy` (the whole analyzer) or `plain` (Apollo Server alone), until standard input ends; prints its address. */
const kind = process.argv[2];
const dataDir = mkdtempSync(join(tmpdir(), 'canopy-bench-nested-'));
const config = configWith({ listen: '127.0.0.1:0', dataDir });

const serve = async (): Promise<{ url: string; stop(): Promise<void> }> => (kind === 'plain' ? servePlain() : serveAnalyzer());

async function serveAnalyzer(): Promise<{ url: string; stop(): Promise<void> }> {
  const recorder = await openRecorder({ dataDir, clock: systemClock, log: silentLog, limits: config.history });
  await fill(recorder);
  await recorder.close();
  const analyzer = await startAnalyzer(config, { clock: systemClock, log: silentLog });
  return { url: `${analyzer.url}/graphql`, stop: () => analyzer.stop() };
}

/** The same schema, resolvers, services and stores; nothing of the analyzer's own pipeline. */
async function servePlain(): Promise<{ url: string; stop(): Promise<void> }> {
  const recorder = await openRecorder({ dataDir, clock: systemClock, log: silentLog, limits: config.history });
  await fill(recorder);
  const history = new EmbeddedHistory(recorder, config.history);
  const samples = await openSamples({ ...config.samples, folder: join(dataDir, 'samples'), clock: systemClock, log: silentLog });
  const live = new LiveService({ recorder, history, clock: systemClock });
  const services = createServices({
    ...config,
    recorder,
    history,
    samples,
    live,
    registry: new EmbeddedRegistry({ folder: join(dataDir, 'registry'), clock: systemClock }),
    flowStore: openFlowStore({ ...config.flows, folder: join(dataDir, 'flows'), clock: systemClock, log: silentLog }),
    liveFlows: config.flows.maxLive,
    agents: noAgents,
    clock: systemClock,
    log: silentLog,
    status: {
      version: 'bench',
      agents: () => [],
      journal: () => ({ changes: 0, tailChanges: 0, tailBytes: 0, bytes: 0, error: undefined }),
      connections: () => ({ open: 0, mostOfOneAddress: 0, refused: 0, slow: 0, silent: 0 }),
      subscriptions: () => ({ connections: 0, subscriptions: 0, groups: 0 }),
    },
  });
  const server = new ApolloServer<RequestContext>({
    schema: buildSchemaAsWritten(resolvers),
    nodeEnv: 'production',
    plugins: [
      {
        requestDidStart: () =>
          Promise.resolve({
            willSendResponse: ({ contextValue }: { contextValue: RequestContext }) => Promise.resolve(contextValue.release()),
          }),
      },
    ],
  });
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port: 0 },
    context: () => Promise.resolve(new RequestContext(services, everybody)),
  });
  return {
    url,
    async stop() {
      await server.stop();
      live.close();
      await services.close();
      await samples.close();
      await recorder.close();
    },
  };
}

const { url, stop } = await serve();
process.stdout.write(`${url}\n`);
process.stdin.resume().on('end', () => {
  void stop().finally(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
