import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The URL of an analyzer that was forked, once it serves. */
export const started = (analyzer: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    analyzer.once('message', (url) => resolve(String(url)));
    analyzer.once('exit', (code) => reject(new Error(`the analyzer ended with ${code}`)));
  });

/** Resident memory that no file backs, proc_pid_status(5). */
export function residentMib({ pid }: ChildProcess): number {
  const [, kib] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
