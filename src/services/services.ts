import { join } from 'node:path';
import type { Clock } from '../common/clock.js';
import type { AuditConfig, LimitsConfig, QuotaConfig } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import type { HistoryStore } from '../history/store.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { Registry } from '../registry/registry.js';
import type { SampleStore } from '../samples/store.js';
import type { AgentPort } from './captures/agents.js';
import { AuditLog } from './audit.js';
import { CaptureService } from './captures/captureService.js';
import type { FlowStore } from '../flowstore/store.js';
import { Changes } from './changes.js';
import { coverageOf, type Coverage } from './coverage.js';
import { Diffs } from './diff.js';
import { FlowService } from './flows/flowService.js';
import { Gremlin } from './gremlin.js';
import { KeptDocuments } from './keptDocuments.js';
import { InjectionService } from './injections/injectionService.js';
import type { LiveServiceContract } from './live/feed.js';
import { Measurements } from './measurements.js';
import { ownId } from './ownId.js';
import { Places } from './placement/places.js';
import { Leases } from './publish/leases.js';
import { ElementWriter } from './publish/elementWriter.js';
import { ForeignAgents } from './publish/foreignAgents.js';
import { Publisher } from './publish/publisher.js';
import { Quotas } from './publish/quota.js';
import { ReadScope } from './readScope.js';
import { Relations } from './relations.js';
import { Rules } from './rules/rules.js';
import { RuleService } from './rules/ruleService.js';
import { SeenHistory } from './sight/seenHistory.js';
import { NOTHING_SEEN, type Sight, type SightStamp } from './sight/sight.js';
import { sightedSamples } from './sight/sightedSamples.js';
import { Streams } from './streams.js';
import { StatusService, type StatusSources } from './status.js';
import { Topology } from './topology.js';
import type { Viewer } from './viewer.js';
import { Views } from './views.js';
import { BUNDLED_WORKFLOWS } from './workflows/bundled.js';

/** What the services stand on. Put together by the server. */
export interface ServiceParts {
  readonly recorder: RecorderContract;
  readonly history: HistoryStore;
  readonly samples: SampleStore;
  readonly live: LiveServiceContract;
  readonly registry: Registry;
  readonly flowStore: FlowStore;
  /** Flows of the present that are kept at hand. */
  readonly liveFlows: number;
  /** The way to agents. */
  readonly agents: AgentPort;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly limits: Pick<LimitsConfig, 'pageSize' | 'pictureElements'> & Partial<Pick<LimitsConfig, 'deadline'>>;
  readonly quota: QuotaConfig;
  readonly audit: AuditConfig;
  /** Milliseconds that elements of an agent that went stay. */
  readonly agentGraceMs?: number;
  readonly status: StatusSources;
  /** What who made something with a stamp sees now; without it nothing of theirs goes on. */
  readonly sightOf?: (stamp: SightStamp) => Sight;
}

/** What the product can do. Resolvers, the old interfaces and the command line all call these. */
export interface Services {
  readonly topology: Topology;
  readonly relations: Relations;
  readonly changes: Changes;
  readonly diffs: Diffs;
  readonly gremlin: Gremlin;
  readonly measurements: Measurements;
  readonly publisher: Publisher;
  readonly elements: ElementWriter;
  readonly foreignAgents: ForeignAgents;
  readonly captures: CaptureService;
  readonly flows: FlowService;
  readonly injections: InjectionService;
  readonly nodeRules: KeptDocuments;
  readonly edgeRules: KeptDocuments;
  readonly rules: RuleService;
  readonly alerts: KeptDocuments;
  readonly workflows: KeptDocuments;
  readonly views: Views;
  readonly audit: AuditLog;
  readonly status: StatusService;
  readonly streams: Streams;
  /** Where groups lie in the picture. */
  readonly places: Places;
  /** What was watched between two instants, milliseconds, both included. */
  coverage(scope: ReadScope, from: number, to: number): Promise<Coverage>;
  /** Opens what one request of the viewer reads through; release it when the answer is written. */
  openScope(viewer: Pick<Viewer, 'sight'>): ReadScope;
  /** Stops what runs by itself (leases) and closes its files. The parts are closed by whoever opened them. */
  close(): Promise<void>;
}

/** Folder below the data folder. */
const LEASES_FOLDER = 'leases';
const AUDIT_FOLDER = 'audit';

/** Milliseconds, unless configured otherwise. */
const AGENT_GRACE_MS = 35_000;

/** Opens the leases in the data folder and puts the services together. */
export function createServices(parts: ServiceParts): Services {
  const { recorder, history, samples, clock, limits } = parts;
  const leases = new Leases({ ...parts, folder: join(parts.dataDir, LEASES_FOLDER) });
  const quotas = new Quotas(recorder, parts.quota, clock);
  const status = new StatusService({ ...parts, sources: parts.status, leaseCount: () => leases.count });
  const captures = new CaptureService({ sightOf: () => NOTHING_SEEN, ...parts });
  const seenHistory = new SeenHistory(history);
  const flows = new FlowService({
    store: parts.flowStore,
    seenHistory,
    agents: parts.agents,
    clock,
    most: parts.liveFlows,
    pageSize: limits.pageSize,
  });
  const ruleEngine = new Rules(parts);
  const nodeRules = new KeptDocuments(parts.registry, 'nodeRule');
  const edgeRules = new KeptDocuments(parts.registry, 'edgeRule');
  const foreignAgents = new ForeignAgents({ recorder, clock, graceMs: parts.agentGraceMs ?? AGENT_GRACE_MS });
  const places = new Places(parts);
  const audit = new AuditLog({ ...parts.audit, folder: join(parts.dataDir, AUDIT_FOLDER), clock, log: parts.log });
  const openScope: Services['openScope'] = ({ sight }) => new ReadScope(parts, sight);
  const gremlin = new Gremlin({ history, seenHistory, samples, flows: (asker) => flows.sourceFor(asker), clock, limits });
  const injections = new InjectionService({ ...parts, gremlin, analyzer: ownId(parts.dataDir) });
  return {
    topology: new Topology(limits),
    relations: new Relations(limits),
    changes: new Changes(history, seenHistory, clock, limits, (scope) => status.probesByHost(scope)),
    diffs: new Diffs(history, clock, limits),
    gremlin,
    measurements: new Measurements((scope) => sightedSamples(samples, seenHistory, scope.sight), clock),
    publisher: new Publisher({ recorder, clock, leases, quotas }),
    elements: new ElementWriter({ recorder, quotas, isForeignAgent: (origin) => foreignAgents.has(origin) }),
    foreignAgents,
    captures,
    flows,
    injections,
    nodeRules,
    edgeRules,
    rules: new RuleService(nodeRules, edgeRules),
    alerts: new KeptDocuments(parts.registry, 'alert'),
    workflows: new KeptDocuments(parts.registry, 'workflow', BUNDLED_WORKFLOWS),
    views: new Views(new KeptDocuments(parts.registry, 'view'), clock),
    audit,
    status,
    streams: new Streams(parts.live, status, gremlin, openScope, places),
    places,
    coverage: (scope, from, to) => coverageOf(history, scope, from, to),
    openScope,
    close: async () => {
      audit.close();
      quotas.close();
      captures.close();
      flows.close();
      injections.close();
      ruleEngine.close();
      foreignAgents.close();
      await places.close();
      await leases.close();
    },
  };
}
