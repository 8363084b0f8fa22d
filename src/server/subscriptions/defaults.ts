/** Bounds of subscriptions and of the sockets that carry them. */

/** Bytes of events that a group keeps for those who are a little behind. */
export const RING_BYTES = 8 * 1024 * 1024;

/** Events that a group keeps. */
export const RING_EVENTS = 4_096;

/** Bytes that may wait in one socket; who has more waiting is not written to until it has drained. */
export const SOCKET_BUFFER_BYTES = 256 * 1024;

/** Bytes up to which an event is copied behind its header: one small write is cheaper than two gathered ones, and what waits stays small. */
export const COPY_BYTES = 512;

/** Bytes of a snapshot that joiners of one group share. */
export const SHARED_SNAPSHOT_BYTES = 16 * 1024 * 1024;

/** Milliseconds for which a snapshot is shared. */
export const SHARED_SNAPSHOT_MS = 1_000;

/** Subscribers written to before the event loop gets its turn. */
export const WRITES_PER_TURN = 200;

/** Milliseconds in which a connection must say who it is. */
export const INIT_MS = 5_000;

/** Milliseconds that a client has to answer the closing of its connection at shutdown. */
export const CLOSE_MS = 500;

/** Events that a group may read ahead of what it has written out. */
export const EVENTS_AHEAD = 64;
