import { CanopyError } from '../common/errors.js';
import type { Json } from '../common/json.js';
import type { Position } from '../graph/position.js';

/** Marks the layout, so that a cursor of another version is refused instead of misread. */
const POSITION_PREFIX = 'c1.';
const PAGE_PREFIX = 'p1.';

/** The text of a place in the change log. Opaque to clients. */
export const encodePosition = ({ epoch, seq }: Position): string => POSITION_PREFIX + toBase64(`${epoch.toString(36)}.${seq.toString(36)}`);

/** `undefined` when the text is none of ours. */
export function decodePosition(text: string): Position | undefined {
  if (!text.startsWith(POSITION_PREFIX)) return undefined;
  const match = /^([0-9a-z]{1,11})\.([0-9a-z]{1,11})$/.exec(fromBase64(text.slice(POSITION_PREFIX.length)));
  if (match === null) return undefined;
  const position = { epoch: parseInt(match[1]!, 36), seq: parseInt(match[2]!, 36) };
  return Number.isSafeInteger(position.epoch) && Number.isSafeInteger(position.seq) ? position : undefined;
}

/** A place in a list: the moment of the page it was on, and the sort key of its entry. */
export interface PagePlace {
  /** Positions of the views that the list was read from: one, or two for a difference. */
  readonly moments: readonly Position[];
  readonly key: readonly (string | number)[];
}

export const encodePage = ({ moments, key }: PagePlace): string =>
  PAGE_PREFIX + toBase64(JSON.stringify([moments.map(({ epoch, seq }) => [epoch, seq]), key]));

/** Throws `BAD_INPUT` naming the argument when the text is no cursor of a page. */
export function decodePage(text: string, field: 'after' | 'before'): PagePlace {
  const place = text.startsWith(PAGE_PREFIX) ? readPage(fromBase64(text.slice(PAGE_PREFIX.length))) : undefined;
  if (place === undefined) {
    throw new CanopyError('BAD_INPUT', `${field}: '${text}' is not a cursor; take one from pageInfo or edges of an earlier page`, {
      details: { field, value: text, valid: 'a cursor of an earlier page of the same list' },
    });
  }
  return place;
}

function readPage(text: string): PagePlace | undefined {
  try {
    const [moments, key] = JSON.parse(text) as [Json, Json];
    if (!Array.isArray(moments) || moments.length === 0 || !Array.isArray(key)) return undefined;
    if (!key.every((part) => typeof part === 'string' || Number.isFinite(part))) return undefined;
    if (!moments.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((part) => Number.isSafeInteger(part))))
      return undefined;
    return { moments: (moments as [number, number][]).map(([epoch, seq]) => ({ epoch, seq })), key: key as (string | number)[] };
  } catch {
    return undefined;
  }
}

const toBase64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');
const fromBase64 = (text: string): string => Buffer.from(text, 'base64url').toString('utf8');
