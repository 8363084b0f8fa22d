import type { NodeRevision } from './element.js';

export type NodeState = 'UP' | 'DOWN' | 'UNKNOWN' | 'OTHER';

/** `State` of metadata; whatever else a probe reports (`DORMANT`, `LOWER-LAYER-DOWN`) is `OTHER`. */
export function nodeState({ metadata }: NodeRevision): NodeState {
  const { State } = metadata;
  if (State === 'UP' || State === 'DOWN') return State;
  return State === undefined || State === null || State === 'UNKNOWN' || State === '' ? 'UNKNOWN' : 'OTHER';
}
