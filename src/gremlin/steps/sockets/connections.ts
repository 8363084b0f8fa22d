import type { Json } from '../../../common/json.js';
import type { Keyed } from '../../execute/traversal.js';

/** Keeps of each node the connections that pass; a node without any is left out. */
export const keepingSome =
  (test: (connection: Json) => boolean) =>
  ([id, connections]: Keyed<readonly Json[]>): Keyed<readonly Json[]> | undefined => {
    const kept = connections.filter(test);
    return kept.length === 0 ? undefined : [id, kept];
  };
