import type { Json, JsonObject } from '../../common/json.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { orderedMetric } from '../steps/metrics/fields.js';

/** Where Go's encoder may write otherwise than ours: marks that HTML knows, the line ends of Unicode, two controls and halves of pairs. */
const DIFFERENT = /[<>&\u2028\u2029\\]/;
/** A whole number of which ours does not write all digits; or a text with so many. */
const LARGE_NUMBER = /\d{17}/;
const MARKS = /[<>&\u2028\u2029]/g;
const ESCAPES = /\\(?:u[0-9a-f]{4}|.)/g;

/** Up to here Go's `int64` writes all digits. */
const INT64_LIMIT = 2 ** 63;

/** A value as Go's `encoding/json` writes it, objects in the order of their keys here. Clients of old may compare texts, and pages may have them within. */
export function goText(value: Json): string {
  const text = JSON.stringify(value);
  const whole = LARGE_NUMBER.test(text) ? withAllDigits(value) : text;
  return DIFFERENT.test(whole) ? withEscapes(whole) : whole;
}

function withEscapes(text: string): string {
  return text
    .replace(ESCAPES, (escape) => {
      if (escape === '\\b') return '\\u0008';
      if (escape === '\\f') return '\\u000c';
      return /^\\ud[89a-f]/.test(escape) ? '\\ufffd' : escape;
    })
    .replace(MARKS, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** As `JSON.stringify`, but for whole numbers that it rounds to sixteen digits. */
function withAllDigits(value: Json): string {
  if (typeof value === 'number') return isLargeInteger(value) ? BigInt(value).toString() : JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(withAllDigits).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${fields.map(([key, one]) => `${JSON.stringify(key)}:${withAllDigits(one)}`).join(',')}}`;
}

const isLargeInteger = (value: number): boolean =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT;

/** Metadata that Go has as structures, whose fields keep their order, and not as maps. */
const STRUCTURES: ReadonlySet<string> = new Set([
  'BlockDev',
  'BlockdevMetric',
  'CPU',
  'Captures',
  'Container',
  'Contrail',
  'FDB',
  'LLDP',
  'LXD',
  'LastUpdateMetric',
  'Libvirt',
  'Metric',
  'Neighbors',
  'Neutron',
  'OVN',
  'Ovs',
  'PacketInjections',
  'RoutingTables',
  'SFlow',
  'Vfs',
]);

const METRICS: ReadonlySet<string> = new Set(['Metric', 'LastUpdateMetric']);

/** Metadata with its keys in order, as Go writes maps. Nothing is copied that is in order. */
export function orderedMetadata(metadata: JsonObject): JsonObject {
  return orderedObject(metadata, STRUCTURES);
}

/** What a dotted path reaches in metadata, in the same way. */
export const orderedAt = (path: string, value: Json): Json =>
  STRUCTURES.has(path.split('.', 1)[0]!) ? structure(path, value) : orderedValue(value);

function orderedObject(object: JsonObject, structures?: ReadonlySet<string>): JsonObject {
  const keys = Object.keys(object);
  let isSame = true;
  for (let at = 1; at < keys.length && isSame; at++) isSame = keys[at - 1]! < keys[at]!;
  if (!isSame) keys.sort();
  const ordered: Record<string, Json> = {};
  for (const key of keys) {
    const value = object[key]!;
    const shown = typeof value !== 'object' || value === null ? value : structures?.has(key) ? structure(key, value) : orderedValue(value);
    if (shown !== value) isSame = false;
    // By assignment this one would be the prototype, and be lost.
    if (key === '__proto__') Object.defineProperty(ordered, key, { value: shown, enumerable: true });
    else ordered[key] = shown;
  }
  return isSame ? object : ordered;
}

/** Those of our own agents have their fields as they came; it is known of interfaces' metrics how Go has them. */
const structure = (key: string, value: Json): Json => (METRICS.has(key) && isJsonObject(value) ? orderedMetric(value) : value);

function orderedValue(value: Json): Json {
  if (isJsonObject(value)) return orderedObject(value);
  if (!Array.isArray(value)) return value;
  const list = value as readonly Json[];
  return list.some((one) => typeof one === 'object' && one !== null) ? list.map(orderedValue) : list;
}
