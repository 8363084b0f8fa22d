/** Bounds of a document that nobody needs to configure; the others stand in the configuration (`limits`). */

/** Tokens in a document. A large dashboard's document has about two thousand; what is published travels in variables. */
export const MAX_TOKENS = 20_000;

/** Aliases in a document: the way to ask for one expensive field many times. */
export const MAX_ALIASES = 100;

/** Root fields in an operation. */
export const MAX_ROOT_FIELDS = 50;

/** Entries that a paged list is taken to have when no page size is given: the default of `first`. */
export const DEFAULT_PAGE = 50;

/** Entries that a list without pages is taken to have: ancestors, addresses, captures. */
export const UNPAGED_LIST = 10;

/** Parsed and validated documents that are kept. */
export const KEPT_DOCUMENTS = 1_000;

/** Times that a document is executed plainly before it is compiled: what is asked once is not worth compiling. */
export const PLAIN_EXECUTIONS = 2;
