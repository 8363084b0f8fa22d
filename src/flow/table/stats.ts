/** Counters of one table since it was made; only ever rise, except `flows`. */
export interface FlowTableStats {
  /** Flows now. */
  readonly flows: number;
  readonly created: number;
  /** Flows that were sent early because the table was full. */
  readonly evicted: number;
  /** Packets given to the table. */
  readonly packets: number;
  /** Of them, those that were read layer by layer, because they were not plain TCP or UDP, or more is kept of them than counters. */
  readonly decoded: number;
  /** Packets without a layer that makes a flow, or shorter than the first header. */
  readonly ignored: number;
  /** Packets whose decoding stopped at a damaged or cut header, by the protocol of that header: their outer layers still count. */
  readonly malformed: Readonly<Record<string, number>>;
  /** Evicted flows that nobody took in time. */
  readonly evictedUnsent: number;
  /** Incomplete datagrams that defragmentation gave up. */
  readonly fragmentsDropped: number;
  /** Raw packets, messages of extra layers and waiting TCP segments that found no room: left out, or not waited for. */
  readonly rawPacketsRefused: number;
  readonly layersRefused: number;
  readonly segmentsRefused: number;
  /** TCP segments that wait for earlier ones now. */
  readonly segmentsWaiting: number;
  /** Bytes of all columns and indexes. */
  readonly bytes: number;
}
