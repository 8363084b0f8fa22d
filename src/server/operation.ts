import type { Services } from '../services/services.js';
import { outcomeOf } from '../services/audit.js';
import type { Viewer } from '../services/viewer.js';
import { RequestContext } from '../../resolvers/context.js';
import type { AcceptedSubscription, OperationContext } from './graphql/pipeline.js';

/** The context of one operation: what resolvers see, and what the pipeline needs to stop it. */
export class Operation extends RequestContext implements OperationContext {
  readonly cancellation = new AbortController();

  constructor(
    services: Services,
    viewer: Viewer,
    /** Address that it came from. */
    private readonly from: string,
    readonly acceptSubscription?: (subscription: AcceptedSubscription) => void,
  ) {
    super(services, viewer);
  }

  noteChange(field: string, args: Readonly<Record<string, unknown>>, code: string | undefined): void {
    const outcome = outcomeOf(code);
    this.services.audit.record({ who: this.viewer.name, from: this.from, what: field, with: JSON.stringify(args), outcome, code });
  }
}
