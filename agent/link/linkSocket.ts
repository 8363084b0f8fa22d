/** The agent's end of a connection: whole messages in order, both ways. */
export interface LinkSocket {
  send(bytes: Uint8Array): void;
  /** Bytes that have not left yet. */
  bufferedBytes(): number;
  close(code: number, reason: string): void;
  /** Ends it without waiting for the other side. */
  terminate(): void;
}

export interface LinkSocketEvents {
  opened(): void;
  received(bytes: Uint8Array): void;
  /** Called once. `failure` says what to do when the connection was refused or never came about. */
  closed(code: number, reason: string, failure: DialFailure | undefined): void;
}

/** Why no connection came about: a sentence for people, and whether somebody must do something first. */
export interface DialFailure {
  readonly message: string;
  /** Trying again soon is pointless: the token or the version must change. */
  readonly isRefusal: boolean;
}

/** Begins a connection; everything else is told through the events. */
export type Dial = (events: LinkSocketEvents) => LinkSocket;
