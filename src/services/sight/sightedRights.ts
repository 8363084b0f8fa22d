import type { Viewer } from '../viewer.js';
import type { Sight } from './sight.js';

/** What goes for the whole graph or the whole analyzer, and is not for somebody who sees a part of it. */
const OF_THE_WHOLE: ReadonlySet<string> = new Set([
  'config read',
  'edgerule read',
  'edgerule write',
  'metrics read',
  'noderule read',
  'noderule write',
  'pcap write',
  'websocket /agent',
  'websocket /ws/agent/flow',
  'websocket /ws/agent/topology',
]);

/** Rules are followed with everybody's eyes: they would tell what is hidden. */
const OF_THE_HIDDEN: ReadonlySet<string> = new Set(['edgerule write', 'noderule write']);

/** What somebody with the sight may do of what the policy lets them. */
export function sightedRights(allows: Viewer['allows'], { isPartial }: Sight): Viewer['allows'] {
  const denied = isPartial ? OF_THE_WHOLE : OF_THE_HIDDEN;
  return (object, action) => !denied.has(`${object} ${action}`) && allows(object, action);
}
