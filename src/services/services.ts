import type { Clock } from '../common/clock.js';
import type { LimitsConfig, QuotaConfig } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import type { HistoryStore } from '../history/store.js';
import type { RecorderContract } from '../journal/contracts.js';
import type { SampleStore } from '../samples/store.js';
import type { LiveServiceContract } from './live/feed.js';
import { ReadScope } from './readScope.js';
import { Relations } from './relations.js';
import { Topology } from './topology.js';

/** What the services stand on. Put together by the server. */
export interface ServiceParts {
  readonly recorder: RecorderContract;
  readonly history: HistoryStore;
  readonly samples: SampleStore;
  readonly live: LiveServiceContract;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Pick<LimitsConfig, 'pageSize' | 'pictureElements'>;
  readonly quota: QuotaConfig;
}

/** What the product can do. Resolvers, the old interfaces and the command line all call these. */
export interface Services {
  readonly topology: Topology;
  readonly relations: Relations;
  readonly live: LiveServiceContract;
  /** Opens what one request reads through; release it when the answer is written. */
  openScope(): ReadScope;
}

export function createServices(parts: ServiceParts): Services {
  return {
    topology: new Topology(parts.limits),
    relations: new Relations(parts.limits),
    live: parts.live,
    openScope: () => new ReadScope(parts),
  };
}
