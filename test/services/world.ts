import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute, parse, validate, type ExecutionResult } from 'graphql';
import { RecordedAgents } from './recordedAgents.js';
import { RequestContext } from '../../resolvers/context.js';
import { buildCanopySchema } from '../../resolvers/build.js';
import { systemClock, type Clock } from '../../src/common/clock.js';
import { silentLog } from '../../src/common/log.js';
import type { JsonObject } from '../../src/common/json.js';
import type { Delta } from '../../src/graph/delta.js';
import { openFlowStore } from '../../src/flowstore/duckdb/flowStore.js';
import { EmbeddedHistory } from '../../src/history/embedded/historyStore.js';
import { openRecorder, type Recorder } from '../../src/journal/recorder.js';
import { EmbeddedRegistry } from '../../src/registry/embedded/registry.js';
import type { Registry } from '../../src/registry/registry.js';
import { openSamples } from '../../src/samples/duckdb/sampleStore.js';
import type { SampleStore } from '../../src/samples/store.js';
import { recordSamples } from '../../src/server/samples.js';
import { LiveService } from '../../src/services/live/liveService.js';
import { createServices, type ServiceParts, type Services } from '../../src/services/services.js';
import type { AgentStatus } from '../../src/services/status.js';
import { everybody, type Viewer } from '../../src/services/viewer.js';

const MIB = 1024 * 1024;
const schema = buildCanopySchema();

/** Real timers; the time of day moves only when told to, so that instants in tests are exact. */
export class SteppedClock implements Clock {
  constructor(private time = Date.parse('2026-03-01T12:00:00.000Z')) {}
  now = (): number => this.time;
  monotonic = systemClock.monotonic;
  after = systemClock.after;
  every = systemClock.every;
  advance(ms: number): number {
    return (this.time += ms);
  }
}

/** Everything below the server, on real stores in a folder of its own. */
export interface World {
  readonly folder: string;
  readonly clock: SteppedClock;
  readonly recorder: Recorder;
  readonly history: EmbeddedHistory;
  readonly samples: SampleStore;
  readonly services: Services;
  readonly agents: AgentStatus[];
  /** What was sent to agents. */
  readonly agentPort: RecordedAgents;
  /** Writes as an agent would, a millisecond later than what was before. */
  write(...deltas: Delta[]): number;
  /** Executes as the server would; throws for an invalid document. */
  ask(document: string, variables?: JsonObject, viewer?: Viewer): Promise<ExecutionResult<Record<string, never>>>;
  /** Like `ask`; throws the first error. */
  data<T = never>(document: string, variables?: JsonObject): Promise<T>;
  restart(): Promise<World>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly quota?: Partial<ServiceParts['quota']>;
  readonly limits?: Partial<ServiceParts['limits']>;
  readonly clock?: SteppedClock;
  /** One that is shared; closed by who gave it. */
  readonly registry?: Registry;
}

export async function openWorld(options: WorldOptions = {}, folder = mkdtempSync(join(tmpdir(), 'canopy-services-'))): Promise<World> {
  const clock = options.clock ?? new SteppedClock();
  const log = silentLog;
  const recorder = await openRecorder({ dataDir: folder, clock, log, limits: { maxTailBytes: 64 * MIB } });
  const history = new EmbeddedHistory(recorder, { cacheBytes: 16 * MIB });
  const samples = await openSamples({ folder: join(folder, 'samples'), memoryLimit: 128 * MIB, threads: 1, clock, log });
  const stopSamples = recordSamples(recorder, samples);
  const live = new LiveService({ recorder, history, clock });
  const agents: AgentStatus[] = [];
  const registry = options.registry ?? new EmbeddedRegistry({ folder: join(folder, 'registry'), clock });
  const flowStore = openFlowStore({ folder: join(folder, 'flows'), memoryLimit: 256 * MIB, threads: 1, clock, log });
  const agentPort = new RecordedAgents();
  const services = createServices({
    recorder,
    history,
    samples,
    live,
    registry,
    flowStore,
    liveFlows: 10_000,
    agents: agentPort,
    clock,
    log,
    dataDir: folder,
    limits: { pageSize: 1_000, pictureElements: 5_000, ...options.limits },
    audit: { maxBytes: 4096, files: 3 },
    quota: { elements: 10_000, metadataBytes: 10 * MIB, changesPerSecond: 10_000, ...options.quota },
    status: {
      version: '0.0.0-test',
      agents: () => agents,
      journal: () => ({ changes: 0, tailChanges: 0, tailBytes: 0, bytes: 0, error: undefined }),
      connections: () => ({ open: 0, mostOfOneAddress: 0, refused: 0, slow: 0, silent: 0 }),
      subscriptions: () => ({ connections: 0, subscriptions: 0, groups: 0 }),
    },
  });
  const shut = async (): Promise<void> => {
    stopSamples();
    live.close();
    await services.close();
    await flowStore.close();
    if (options.registry === undefined) await registry.close();
    // Its thread is stopped by force when it does not answer in time, which on a busy machine meets DuckDB while it starts.
    if (samples.status().queued > 0) await samples.latest(['-'], clock.now(), 1);
    await samples.close();
    await recorder.close();
  };
  const ask: World['ask'] = async (document, variables = {}, viewer = everybody) => {
    const parsed = parse(document);
    const errors = validate(schema, parsed);
    if (errors.length > 0) return { errors };
    const context = new RequestContext(services, viewer);
    try {
      const result = await execute({ schema, document: parsed, variableValues: variables, contextValue: context });
      return JSON.parse(JSON.stringify(result)) as ExecutionResult<Record<string, never>>;
    } finally {
      context.release();
    }
  };
  return {
    folder,
    clock,
    recorder,
    history,
    samples,
    services,
    agents,
    agentPort,
    write(...deltas) {
      clock.advance(1);
      const { rejected, changes } = recorder.record({ origin: 'agent.test', deltas, immediate: true });
      if (rejected.length > 0) throw new Error(rejected[0]!.message);
      return changes.at(-1)?.at ?? clock.now();
    },
    ask,
    async data<T>(document: string, variables?: JsonObject) {
      const { data, errors } = await ask(document, variables);
      if (errors?.length) throw new Error(errors[0]!.message);
      return data as T;
    },
    async restart() {
      await shut();
      return openWorld({ ...options, clock }, folder);
    },
    async close() {
      await shut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const node = (id: string, Type: string, metadata: JsonObject = {}, host = 'web-1'): Delta => ({
  op: 'putNode',
  id,
  host,
  metadata: { Name: id, Type, ...metadata },
});

export const edge = (parent: string, child: string, RelationType: string, metadata: JsonObject = {}): Delta => ({
  op: 'putEdge',
  id: `${parent}-${RelationType}-${child}`,
  host: 'web-1',
  parent,
  child,
  metadata: { RelationType, ...metadata },
});

export const owns = (parent: string, child: string): Delta => edge(parent, child, 'ownership');
export const remove = (id: string): Delta => ({ op: 'remove', id });

/** A host with a bridge and a veth pair into a namespace. */
export const smallHost: readonly Delta[] = [
  node('web-1', 'host', { Hostname: 'web-1.example.org', OS: 'linux', Platform: 'debian' }),
  node('blue', 'netns', { Path: '/var/run/netns/blue', Inode: 4026532281, Device: 4, Manager: 'docker' }),
  node('br0', 'bridge', { IfIndex: 3, MAC: '02:00:00:00:00:03', MTU: 1500, State: 'UP', IPV4: ['10.0.0.1/24'], Driver: 'bridge' }),
  node('veth0', 'veth', {
    IfIndex: 4,
    MAC: '02:00:00:00:00:04',
    MTU: 1500,
    State: 'UP',
    MasterIndex: 3,
    LinkFlags: ['UP', 'BROADCAST'],
    Speed: 10000,
  }),
  node('veth1', 'veth', { IfIndex: 2, MAC: '02:00:00:00:00:05', MTU: 1500, State: 'DOWN', IPV4: ['10.0.0.2/24'], IPV6: ['fd00::2/64'] }),
  node('lo', 'device', { IfIndex: 1, EncapType: 'loopback', State: 'UNKNOWN', IPV4: ['127.0.0.1/8'] }),
  owns('web-1', 'blue'),
  owns('web-1', 'br0'),
  owns('web-1', 'veth0'),
  owns('web-1', 'lo'),
  owns('blue', 'veth1'),
  edge('br0', 'veth0', 'layer2'),
  edge('veth0', 'veth1', 'layer2', { Type: 'veth' }),
];
