import { concatenatedId } from '../../../src/common/ids.js';
import type { JsonObject } from '../../../src/common/json.js';

/** What the `TID` of a node is made from, besides what the node says. */
export interface TopologicalPlace {
  /** That of its owner; `undefined` while that has none. */
  readonly parentTid?: string;
  /** That of the host. */
  readonly hostTid?: string;
  /** What stands for its name, or a namespace's path, where that changes. */
  readonly tidName?: string;
}

/**
 * The `TID` of a node: the same for a thing that is made again under the same name in the same place; flows refer to it. Made as Skydive
 * makes it: of a host from its name, of a namespace from its path (or, where that is a process's and so changes, from its name), of what Open vSwitch
 * made from the switch's id of it and the host's, of everything else from its name and type, each with the owner's.
 * `undefined` while the owner has none.
 */
export function topologicalId(metadata: JsonObject, { parentTid, hostTid, tidName }: TopologicalPlace): string | undefined {
  const name = tidName ?? String(metadata.Name);
  const type = String(metadata.Type);
  if (type === 'host') return concatenatedId(name);
  if (parentTid === undefined) return undefined;
  if (type === 'netns') return concatenatedId(parentTid, tidName ?? String(metadata.Path), type);
  if ((type === 'ovsbridge' || type === 'ovsport') && hostTid !== undefined) return concatenatedId(hostTid, String(metadata.UUID), type);
  return concatenatedId(parentTid, name, type);
}
