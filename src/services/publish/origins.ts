/** Who writes what people add to nodes: an overlay of its own over whatever the owner says. */
export const USER_ORIGIN = 'user';

/** Agents publish as `agent.<host>`, the analyzer as `analyzer.<host>`; a publisher that took such a name would change what is theirs. */
const RESERVED = /^(?:agent|analyzer|canopy)(?:\.|$)/;

/** Whether an origin is one of the product's own. */
export const isReserved = (origin: string): boolean => origin === USER_ORIGIN || RESERVED.test(origin);
