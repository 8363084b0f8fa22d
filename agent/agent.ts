import { namedId, randomId } from '../src/common/ids.js';
import type { Cancel, Clock } from '../src/common/clock.js';
import type { Config } from '../src/common/config/config.js';
import { readTokenFile } from '../src/common/config/tokens.js';
import { openCertificates } from './link/certificates.js';
import { webSocketDial } from './link/webSocketDial.js';
import type { Log } from '../src/common/log.js';
import { programVersion } from '../src/common/version.js';
import type { ElementId } from '../src/graph/element.js';
import type { GraphStats } from '../src/graph/liveGraph.js';
import type { GraphView } from '../src/graph/view.js';
import type { ProbeStatus } from '../src/protocol/status.js';
import { openDoors, type Doors, type DoorSources } from './doors/doors.js';
import { openDescriptors, type AgentReport } from './doors/report.js';
import { AgentLink } from './link/agentLink.js';
import type { LinkStatus } from './link/linkStatus.js';
import { missingCapabilities, type Capability } from './linux/capabilities.js';
import { needsOf } from './needs.js';
import { openCaptures } from './openCaptures.js';
import { openLinux } from './openLinux.js';
import { hostNodeId } from './probes/host/probe.js';
import { AgentGraph } from './probes/kit/agentGraph.js';
import type { WrittenNodes } from './probes/kit/nodes.js';
import type { ProbeContext } from './probes/kit/probe.js';
import { ProbeSupervisor } from './probes/kit/supervisor.js';
import { catchStrayErrors } from './probes/kit/strayErrors.js';
import { loadProbes } from './probes/load.js';
import { PublishedGraph } from './publishedGraph.js';

export interface RunningAgent {
  readonly hostId: string;
  /** `agent.<hostId>`: the writer of everything that the agent publishes. */
  readonly origin: string;
  probes(): readonly ProbeStatus[];
  link(): LinkStatus;
  graph(): GraphStats;
  /** Where the agent itself answers, `http://127.0.0.1:8083`; `undefined` where `agent.listen` is not set. */
  readonly url: string | undefined;
  /** The agent's own graph, steady: a look at the host without an analyzer. Release it. */
  view(): GraphView;
  /** Ends probes and threads, hands over what the analyzer has not yet, and closes. Within three seconds. */
  stop(): Promise<void>;
}

/** What the agent takes of the configuration. */
export type AgentSettings = Pick<Config, 'agent' | 'analyzer' | 'tokenFile'> & Partial<Pick<Config, 'tls' | 'registry'>>;

export interface AgentSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** The analyzer is in the same process: its certificate need not name the address by which the agent reaches it. */
  readonly isAnalyzerHere?: boolean;
}

/** Milliseconds within which changes of probes' states are told together: hundreds may change what they say one after the other. */
const TELL_TOGETHER = 100;

/** Milliseconds between reports of the probes, for the numbers in them. */
const REPORT = 30_000;

/** Longest delay of a timer. */
const FOR_EVER = 2 ** 31 - 1;

/**
 * Starts the agent: its probes, its own graph, and the link to the analyzer, which need not be there yet. Resolves when every probe has
 * written what is there now, or has failed. A running agent keeps the process alive. Throws `CONFIG_INVALID` for an unknown probe and
 * `UNAVAILABLE` when another agent watches under the same identity.
 */
export async function startAgent(config: AgentSettings, surroundings: AgentSurroundings): Promise<RunningAgent> {
  const { clock, log: parentLog, isAnalyzerHere } = surroundings;
  const { hostId } = config.agent;
  const origin = `agent.${hostId}`;
  const log = parentLog.child({ room: 'agent' });
  const startedAt = clock.now();
  const definitions = await loadProbes(config.agent.probes);
  const token = readTokenFile(config.tokenFile);
  const dial = webSocketDial(config.analyzer, token, openCertificates(config.tls, isAnalyzerHere));
  const root = hostNodeId(hostId);
  const needs = needsOf(definitions, config);
  const needed = new Set(needs.flatMap((one) => one.needs.map(({ capability }) => capability)));
  const linux = await openLinux({ hostId, root, keep: config.agent.dropRights ? needed : undefined }, log);
  const published = new PublishedGraph({ origin, clock, log, publish: (deltas) => link.publish(deltas) });
  const captures =
    'impossible' in linux
      ? undefined
      : await openCaptures({
          config,
          linux,
          clock,
          log,
          view: () => published.view(),
          link: () => link,
          measure: (node, values) => graph.writer('capture').measure(node, values),
        });
  const link: AgentLink = new AgentLink({
    url: config.analyzer,
    token,
    dial,
    host: hostId,
    origin,
    incarnation: randomId(),
    software: programVersion(),
    clock,
    log,
    picture: () => published.picture(),
    commands: captures?.commands,
  });
  const graph = new AgentGraph(
    hostId,
    (deltas) => published.apply(deltas),
    () => link.onTheWay,
  );
  graph.writer('agent').putNode({ id: root, parent: undefined, metadata: { ...config.agent.metadata, Name: hostId, Type: 'host' } });

  const id = (...names: readonly string[]): ElementId => namedId(hostId, ...names);
  const nodes: WrittenNodes = graph;
  const shared = { hostId, root, id, nodes, clock, config: config.agent };
  const supervisor: ProbeSupervisor = new ProbeSupervisor(definitions, {
    clock,
    log,
    effective: 'impossible' in linux ? new Set() : linux.effective,
    contextFor: ({ needsLinux }) => {
      if (!('impossible' in linux)) return { ...shared, linux: linux.access, namespaces: linux.namespaces };
      // A probe that does not declare it has no use for Linux.
      return needsLinux ? linux : (shared as ProbeContext);
    },
    writerFor: ({ name }) => graph.writer(name),
    changed: () => (cancelTell ??= clock.after(TELL_TOGETHER, tell)),
  });
  let cancelTell: Cancel | undefined;
  const tell = (): void => {
    cancelTell?.();
    cancelTell = undefined;
    link.setProbes(supervisor.status());
  };
  if ('impossible' in linux) log.error({}, `${linux.impossible}; only the host itself is shown`);
  else sayWhatIsMissing(needs, linux.effective, log);

  catchStrayErrors(definitions, (probe, error) => supervisor.failed(probe, error));
  const keepAlive = setInterval(() => undefined, FOR_EVER);
  await supervisor.start();
  tell();
  link.start();
  const cancelReport = clock.every(REPORT, tell);

  const report = (): AgentReport => ({
    hostId,
    origin,
    version: programVersion(),
    startedAt,
    now: clock.now(),
    probes: supervisor.status(),
    link: link.status(),
    graph: published.stats(),
    namespaces: 'impossible' in linux ? undefined : [...linux.namespaces.all()].length,
    residentBytes: process.memoryUsage.rss(),
    descriptors: openDescriptors(),
  });
  const { listen } = config.agent;
  const doors = listen === undefined ? undefined : await openOrSayWhy(listen, { report, view: () => published.view() }, log);

  const stop = async (): Promise<void> => {
    cancelReport();
    await doors?.close();
    await captures?.close();
    await supervisor.stop();
    tell();
    published.close();
    await Promise.all([link.close(), 'impossible' in linux ? undefined : linux.close()]);
    clearInterval(keepAlive);
  };
  let stopped: Promise<void> | undefined;
  return {
    hostId,
    origin,
    probes: () => supervisor.status(),
    link: () => link.status(),
    graph: () => published.stats(),
    url: doors?.url,
    view: () => published.view(),
    stop: () => (stopped ??= stop()),
  };
}

/** An agent whose door cannot be opened watches all the same. */
async function openOrSayWhy(listen: string, sources: DoorSources, log: Log): Promise<Doors | undefined> {
  try {
    const doors = await openDoors(listen, sources, log);
    log.info({ url: doors.url }, `the agent answers on ${doors.url}`);
    return doors;
  } catch (error) {
    log.error({ listen }, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Once, by name of the capability; the rest runs. */
function sayWhatIsMissing(needs: ReturnType<typeof needsOf>, effective: ReadonlySet<Capability>, log: Log): void {
  const missing = missingCapabilities(needs, effective);
  if (missing.length === 0) return;
  const lines = missing.map(({ capability, probes, withoutIt }) => `${capability} (${probes.join(', ')}: ${withoutIt.join(', ')})`);
  log.warn({ missing }, `the agent runs without ${lines.join('; ')}`);
}
