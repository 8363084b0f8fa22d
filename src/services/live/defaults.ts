/** Bounds of live streams. */

/** Elements in one page of a snapshot: some hundred kilobytes of answer. */
export const SNAPSHOT_PAGE = 500;

/** Milliseconds without an event after which an empty batch carries a newer cursor. */
export const BOOKMARK_MS = 10_000;

/** Changes of the log that one subscriber may be behind and still catch up from it; further behind, a new snapshot is cheaper for both. */
export const CATCH_UP_CHANGES = 200_000;

/** Ends of recent delta batches that are remembered; before them, changes with one `at` are taken to belong together. */
export const REMEMBERED_ENDS = 65_536;
