import { createRequire } from 'node:module';
import type * as Levenshtein from 'fastest-levenshtein';

// Loaded when somebody has mistyped something, so that no command waits for it at its start.
const require = createRequire(import.meta.url);

/** The candidate that somebody who wrote `name` most likely meant; `undefined` when none is near. Upper and lower case, `-` and `_` count as equal. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const { distance } = require('fastest-levenshtein') as typeof Levenshtein;
  const written = plain(name);
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const apart = distance(written, plain(candidate));
    if (apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_]/g, '');
