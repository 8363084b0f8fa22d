import { type Client, createClient } from 'graphql-ws';
import { authorization } from './token.js';
import { createStore } from './store.js';

/** How the line to the analyzer is doing. */
export interface Connection {
  readonly state: 'connecting' | 'connected' | 'lost';
  /** Epoch milliseconds since when it is so. */
  readonly since: number;
  /** What was told about the stream: changes that were skipped, a fresh start. */
  readonly notes: readonly string[];
}

/** Notes kept for the status line. */
const KEPT_NOTES = 20;
/** Milliseconds between two attempts to reach the analyzer: the first, and the most. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** Milliseconds between two signs of life. */
const PING_MS = 10_000;
/** Milliseconds within which an attempt or a sign of life is answered: a line that stays silent is lost, whatever the system says. */
const ANSWER_MS = 5_000;
const HEARING_MS = 250;

export const connection = createStore<Connection>({ state: 'connecting', since: Date.now(), notes: [] });

function moveTo(state: Connection['state']): void {
  const now = connection.get();
  if (now.state !== state) connection.set({ ...now, state, since: Date.now() });
}

/** Says something about the stream in the status line. */
export function note(text: string): void {
  const now = connection.get();
  connection.set({ ...now, notes: [text, ...now.notes].slice(0, KEPT_NOTES) });
}

let client: Client | undefined;

/**
 * The one WebSocket of the page. It does not retry by itself: what was subscribed goes on after its own cursor, which only the one who
 * subscribed knows.
 */
export function openClient(): Client {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => clearTimeout(silence);
  const listen = (): void => {
    heard();
    // After a stop of the page itself the answer may be there already, and is heard in the next turn.
    silence = setTimeout(() => (silence = setTimeout(() => client?.terminate(), HEARING_MS)), ANSWER_MS);
  };
  return (client ??= createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    connectionParams: () => authorization(),
    retryAttempts: 0,
    lazyCloseTimeout: 5_000,
    keepAlive: PING_MS,
    on: {
      connecting: listen,
      connected: () => {
        heard();
        moveTo('connected');
      },
      ping: (isReceived) => isReceived || listen(),
      // Whatever comes is a sign of life: the answer may stand behind a picture of some megabytes.
      message: heard,
      closed: (event) => {
        heard();
        if ((event as CloseEvent).code !== 1000) moveTo('lost');
      },
    },
  }));
}

/** Milliseconds to wait before the attempt of this number, counted from 0, with some chance so that many pages do not come back at once. */
export const waitBefore = (attempt: number): number => Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.75 + Math.random() / 2);
