import type { ReadScope } from './readScope.js';
import type { Viewer } from './viewer.js';

/** Who asks, and the moments that the request looks at. Every root operation takes one. */
export interface Asker {
  readonly viewer: Viewer;
  readonly scope: ReadScope;
  /** Aborted when nobody waits for the answer any more; the reason is the error to answer with. */
  readonly cancellation?: { readonly signal: AbortSignal };
}
