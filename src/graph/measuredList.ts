import type { Json, JsonObject } from '../common/json.js';
import { isJsonObject, mergeObjects } from './metadataPath.js';
import { rowWith } from './shownTable.js';

/** Lists of state whose entries have an `ID` and whose measurements are objects by that `ID`. Without the list nothing is shown: the last counters of what ended stay behind. */
const LISTS: ReadonlySet<string> = new Set(['Captures', 'PacketInjections']);

/** What is measured of a part that a node may lose: without it in the state nothing is shown, as the last values stay behind. */
const PARTS: ReadonlySet<string> = new Set(['Ovs']);

/** Whether what is measured below this name belongs to something that is still there. */
export const isStillMeasured = (state: JsonObject, name: string): boolean => !PARTS.has(name) || state[name] !== undefined;

/** State with measurements laid over it by path; those of a list go to its entries. */
export function withMeasurements(state: JsonObject, measurements: JsonObject): JsonObject {
  const plain: Record<string, Json> = {};
  const lists: Record<string, Json> = {};
  for (const [name, measured] of Object.entries(measurements)) {
    if (!isStillMeasured(state, name)) continue;
    if (!LISTS.has(name)) plain[name] = measured;
    else if (Array.isArray(state[name])) lists[name] = measuredList(state[name] as readonly Json[], measured);
  }
  return mergeObjects(state, { ...plain, ...lists });
}

/** The list with what is measured of its entries. */
export const measuredList = (list: readonly Json[], measured: Json | undefined): Json[] =>
  list.map((entry) => (isJsonObject(entry) && isJsonObject(measured) ? rowWith(entry, measured[String(entry.ID)]) : entry));

/** Whether the path is or reaches into a list whose entries are measured. */
export const isMeasuredList = (path: string): boolean => LISTS.has(path.split('.', 1)[0]!);
