import type { Json } from '../../../src/common/json.js';
import { LINK_COUNTERS } from '../../linux/abi.js';
import { readingOf } from '../kit/reading.js';
import type { Link } from './link.js';

const NAMES = LINK_COUNTERS.map(([, name]) => name);

/** What a new reading of a link's counters is worth writing, as values by path; nothing where nothing was added. */
export const readingOfLink = (link: Link, values: readonly number[], now: number): [path: string, value: Json][] | undefined =>
  readingOf(NAMES, '', link, values, now);
