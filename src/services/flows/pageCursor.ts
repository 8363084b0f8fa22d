import { badValue } from '../../graph/filter/badValue.js';

const PREFIX = 'f1.';

/** A place in a list of flows: how many come before. The list of the present moves between two pages, that of the past does not. */
export const cursorOf = (place: number): string => PREFIX + Buffer.from(place.toString(36)).toString('base64url');

/** Throws `BAD_INPUT` for what is no cursor of such a list. */
export function placeOf(text: string): number {
  const place = text.startsWith(PREFIX) ? Buffer.from(text.slice(PREFIX.length), 'base64url').toString() : '';
  if (!/^[0-9a-z]{1,9}$/.test(place)) throw badValue('after', text, 'a cursor of an earlier page of the same list');
  return parseInt(place, 36);
}
