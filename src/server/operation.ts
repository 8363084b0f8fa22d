import type { Services } from '../services/services.js';
import type { Viewer } from '../services/viewer.js';
import { RequestContext } from '../../resolvers/context.js';
import type { AcceptedSubscription, OperationContext } from './graphql/pipeline.js';

/** The context of one operation: what resolvers see, and what the pipeline needs to stop it. */
export class Operation extends RequestContext implements OperationContext {
  readonly cancellation = new AbortController();

  constructor(
    services: Services,
    viewer: Viewer,
    readonly acceptSubscription?: (subscription: AcceptedSubscription) => void,
  ) {
    super(services, viewer);
  }
}
