import type { Asker } from '../src/services/asker.js';
import type { ReadScope } from '../src/services/readScope.js';
import type { Services } from '../src/services/services.js';
import type { Viewer } from '../src/services/viewer.js';
import { Loaders } from './loaders/loaders.js';

/** What every resolver of one request sees. */
export interface Context extends Asker {
  readonly services: Services;
  readonly loaders: Loaders;
}

/** Made for each request by the server, which calls `release` when the answer is written (or a subscription has ended). */
export class RequestContext implements Context {
  readonly scope: ReadScope;
  /** Not a `#` field: Apollo hands resolvers a copy of the context, and a copy has none. */
  private made: Loaders | undefined;

  constructor(
    readonly services: Services,
    readonly viewer: Viewer,
  ) {
    this.scope = services.openScope(viewer);
  }

  get loaders(): Loaders {
    return (this.made ??= new Loaders(this.services, this.scope));
  }

  /** Lets go of the views that the request read. */
  release(): void {
    this.scope.release();
  }
}
