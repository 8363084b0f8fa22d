import type { CanopyError } from '../common/errors.js';
import type { Services } from '../services/services.js';
import { outcomeOf } from '../services/audit.js';
import { forbidden, type Viewer } from '../services/viewer.js';
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

  get hiddenFields(): ReadonlySet<string> | undefined {
    return this.viewer.sight?.fields;
  }

  schemaRefusal(): CanopyError | undefined {
    return this.viewer.allows('schema', 'read') ? undefined : forbidden(this.viewer, 'schema', 'read');
  }

  noteChange(field: string, args: Readonly<Record<string, unknown>>, code: string | undefined): void {
    const outcome = outcomeOf(code);
    this.services.audit.record({ who: this.viewer.name, from: this.from, what: field, with: JSON.stringify(args), outcome, code });
  }
}
