/** Bounds of the wire, part of the protocol (PROTOCOL.md §10): both sides refuse what is beyond them. */

/** Bytes of one WebSocket message. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** Deltas in one DELTAS message. */
export const MAX_DELTAS_PER_BATCH = 5_000;

/** Elements and continuation rows in one PICTURE_PAGE message. */
export const MAX_ELEMENTS_PER_PAGE = 5_000;

/** Containers within containers in a whole message, counted before anything is decoded. */
export const MAX_MESSAGE_DEPTH = 32;

/** Containers within containers in one metadata value, row or measurement. */
export const MAX_METADATA_DEPTH = 16;

/** Characters of an element's id. */
export const MAX_ID_LENGTH = 256;

/** Characters of a host, an origin, an incarnation, a table's name, a probe's name. */
export const MAX_NAME_LENGTH = 255;

/** Characters of a metadata key. */
export const MAX_KEY_LENGTH = 512;

/** Characters of a dotted path, a row's key. */
export const MAX_PATH_LENGTH = 1_024;

/** Characters of a text inside metadata. */
export const MAX_TEXT_LENGTH = 256 * 1024;

/** Characters of a reason or message for people. */
export const MAX_REASON_LENGTH = 1_024;

/** Tables of one element in one message. */
export const MAX_TABLES = 64;

/** Probes in one STATUS. */
export const MAX_PROBES = 64;

/** Capabilities that one probe lacks. */
export const MAX_MISSING = 32;

/** Paths set, unset or measured by one delta. */
export const MAX_PATHS = 10_000;

/** Captures on nodes that one message starts, stops or tells about. */
export const MAX_CAPTURE_TASKS = 5_000;

/** Counters or facts with names in one place. */
export const MAX_COUNTERS = 64;

/** Flows in one FLOWS. */
export const MAX_FLOWS_PER_BATCH = 65_536;

/** Milliseconds between the stamp of one delta and its batch's: a hundred years, so that sums stay exact. */
export const MAX_AGE_MS = 100 * 366 * 24 * 3600 * 1000;
