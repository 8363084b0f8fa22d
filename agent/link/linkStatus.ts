/** `PICTURE`: connected, and the whole graph is on its way. `WAITING`: for the next attempt. */
export type LinkState = 'STOPPED' | 'CONNECTING' | 'GREETING' | 'LIVE' | 'PICTURE' | 'WAITING';

/** What the link counts since the agent started. */
export interface LinkCounters {
  disconnects: number;
  pictures: number;
  /** Deltas that were dropped because too much waited; a picture made up for them. */
  droppedDeltas: number;
  /** Deltas and elements that no message can hold. */
  tooLarge: number;
  /** Deltas and elements that are not what the protocol allows; looked for once the analyzer refused a message. */
  unsound: number;
  /** Deltas that the analyzer did not take. */
  refused: number;
  /** Messages of the analyzer that broke the protocol. */
  violations: number;
}

export const newLinkCounters = (): LinkCounters => ({
  disconnects: 0,
  pictures: 0,
  droppedDeltas: 0,
  tooLarge: 0,
  unsound: 0,
  refused: 0,
  violations: 0,
});

/** How the link to the analyzer fares. */
export interface LinkStatus extends Readonly<LinkCounters> {
  readonly state: LinkState;
  readonly url: string;
  /** The agent's clock, ms; `undefined` while not connected. */
  readonly connectedSince: number | undefined;
  /** Why there is no connection, and what to do; `undefined` when there is one. */
  readonly lastError: string | undefined;
  /** Number of the last delta, and of the last that the analyzer has on disk. */
  readonly published: number;
  readonly acknowledged: number;
  readonly keptBytes: number;
  /** Flows that never reached the analyzer, by reason. */
  readonly droppedFlows: Readonly<Record<string, number>>;
  /** Since when deltas were dropped; `undefined` when the analyzer knows everything or will. */
  readonly dirtySince: number | undefined;
}
