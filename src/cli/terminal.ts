/** A person on both ends. */
export interface Conversation {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** The world of a command: where it writes and what it may know of its surroundings. */
export interface Terminal {
  /** Answers. */
  out(text: string): void;
  /** Messages about the work: notes, warnings, errors. */
  err(text: string): void;
  /** Whether a person reads the answers. */
  readonly isTerminal: boolean;
  /** Columns of the screen; `Infinity` where answers go to a file or a pipe, so that nothing is cut there. */
  readonly columns: number;
  readonly hasColour: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For a prompt; `undefined` unless a person both types and reads. */
  readonly conversation: Conversation | undefined;
  /** All of standard input. */
  input(): Promise<string>;
  /** Calls the listener at every SIGINT and SIGTERM until the returned function is called. */
  onStop(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  // A reader that has seen enough, such as `head`, closes the pipe: nothing more can be said, and nothing went wrong.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const isTerminal = process.stdout.isTTY === true;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal,
    columns: isTerminal ? process.stdout.columns || 80 : Infinity,
    hasColour: isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    environment: process.env,
    conversation: isTerminal && process.stdin.isTTY ? { input: process.stdin, output: process.stdout } : undefined,
    async input() {
      let text = '';
      process.stdin.setEncoding('utf8');
      for await (const part of process.stdin) text += part as string;
      return text;
    },
    onStop(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => void process.off('SIGINT', listener).off('SIGTERM', listener);
    },
  };
}
