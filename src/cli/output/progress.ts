import type { Terminal } from '../terminal.js';

/** How far something that takes long has come; without `total` nobody knows how much there is. */
export interface Progress {
  readonly step: string;
  readonly done: number;
  readonly total: number | undefined;
}

/** One line that is written over while a person watches; nothing for a script. */
export function progressOn(terminal: Terminal): (progress: Progress) => void {
  if (!terminal.isTerminal) return () => undefined;
  return ({ step, done, total }) => {
    const isDone = total !== undefined && done >= total;
    const share = total === undefined ? String(done) : `${isDone ? 100 : Math.floor((100 * done) / total)} %`;
    terminal.err(`\r\u001b[K${step} ${share}${isDone ? '\n' : ''}`);
  };
}
