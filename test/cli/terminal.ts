import type { Terminal } from '../../src/cli/terminal.js';

export interface RecordedTerminal extends Terminal {
  /** Everything written to standard output. */
  readonly answers: string;
  /** Everything written to standard error. */
  readonly messages: string;
  /** As if somebody pressed Ctrl-C. */
  interrupt(): void;
}

/** A terminal that keeps what is written to it. */
export function recordTerminal(
  options: Partial<Pick<Terminal, 'isTerminal' | 'columns' | 'hasColour' | 'environment' | 'conversation'>> & { input?: string } = {},
): RecordedTerminal {
  const listeners = new Set<(signal: 'SIGINT') => void>();
  const terminal = {
    answers: '',
    messages: '',
    out: (text: string) => void (terminal.answers += text),
    err: (text: string) => void (terminal.messages += text),
    isTerminal: options.isTerminal ?? false,
    columns: options.columns ?? Infinity,
    hasColour: options.hasColour ?? false,
    environment: options.environment ?? {},
    conversation: options.conversation,
    input: () => Promise.resolve(options.input ?? ''),
    onStop(listener: (signal: 'SIGINT') => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    interrupt: () => listeners.forEach((listener) => listener('SIGINT')),
  };
  return terminal;
}
