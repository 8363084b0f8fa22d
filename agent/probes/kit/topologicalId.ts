import { concatenatedId } from '../../../src/common/ids.js';
import type { JsonObject } from '../../../src/common/json.js';

/**
 * The `TID` of a node: the same for a thing that is made again under the same name in the same place; flows refer to it. Made as Skydive
 * makes it: of a host from its name, of a namespace from its path (or, where that is a process's and so changes, from its name), of everything else
 * from its name and type, each with the owner's.
 * `undefined` while the owner has none.
 */
export function topologicalId(metadata: JsonObject, parentTid: string | undefined, tidName?: string): string | undefined {
  const name = tidName ?? String(metadata.Name);
  const type = String(metadata.Type);
  if (type === 'host') return concatenatedId(name);
  if (parentTid === undefined) return undefined;
  if (type === 'netns') return concatenatedId(parentTid, tidName ?? String(metadata.Path), type);
  return concatenatedId(parentTid, name, type);
}
