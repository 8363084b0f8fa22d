import type { FlowCounts } from './flowCounts.js';
import type { ProbeStatus } from '../protocol/status.js';

/** `DIRTY`: connected, but deltas were lost and the whole picture has not yet come. */
export type AgentState = 'CONNECTED' | 'LOST' | 'DIRTY';

/** One agent as the analyzer knows it. Instants are milliseconds of the analyzer's clock. */
export interface AgentStatus {
  readonly origin: string;
  readonly host: string;
  /** Version of the agent's program; `undefined` for one not seen since the analyzer started. */
  readonly version: string | undefined;
  readonly remoteAddress: string | undefined;
  readonly state: AgentState;
  /** `undefined` while it is lost. */
  readonly connectedSince: number | undefined;
  /** When its last message came in; `undefined` for one not seen since the analyzer started. */
  readonly lastSeen: number | undefined;
  /** Its clock minus ours, and by how much that may be wrong; `undefined` before the first heartbeat. */
  readonly offsetMs: number | undefined;
  readonly errorMs: number | undefined;
  readonly probes: readonly ProbeStatus[];
  /** Nodes and edges in the graph. */
  readonly elements: number;
  readonly metadataBytes: number;
  /** What became of its flows. */
  readonly flows: Pick<FlowCounts, 'received' | 'notStored' | 'lost'>;
}
