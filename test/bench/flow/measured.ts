import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileProject } from '../compiled.js';
import { traffic } from './traffic.js';

export const PACKETS = 1_000_000;
export const FEW_FLOWS = 10_000;
export const MANY_FLOWS = 500_000;

export interface Rates {
  /** Packets a second. */
  readonly rate: number;
  readonly flows: number;
  /** Of the table's columns and indexes. */
  readonly bytes: number;
}

/** Runs `use` with the program as it is delivered and capture files in a folder that goes away. */
export function withFiles<T>(use: (file: (flows: number) => string, rates: (file: string) => Rates) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-bench-'));
  const compiled = compileProject();
  try {
    const file = (flows: number): string => {
      const path = join(folder, `${flows}.pcap`);
      writeFileSync(path, traffic(PACKETS, flows));
      return path;
    };
    const script = compiled.file('test/bench/flow/rates.ts');
    return use(file, (path) => JSON.parse(execFileSync(process.execPath, [script, path], { encoding: 'utf8' })) as Rates);
  } finally {
    compiled.remove();
    rmSync(folder, { recursive: true });
  }
}
