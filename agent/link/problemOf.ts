import { CanopyError } from '../../src/common/errors.js';
import type { Delta } from '../../src/graph/delta.js';
import { decodeFromAgent, encode } from '../../src/protocol/codec.js';

/** What the analyzer would say about the delta; `undefined` when it would take it. One that is only too large is cut later. */
export function problemOf(delta: Delta): string | undefined {
  try {
    decodeFromAgent(encode({ kind: 'deltas', first: 1, stamp: 0, deltas: [delta] }), 0);
    return undefined;
  } catch (error) {
    if (!(error instanceof CanopyError)) throw error;
    return error.details.path === '' ? undefined : error.message;
  }
}
