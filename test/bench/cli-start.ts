import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lessIsBetter, percentile, type Bench } from './bench.js';
import { compileProject } from './compiled.js';

const RUNS = 25;

/** Milliseconds from the start of a process to its end, with its answer read. */
function timeOf(args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

export const bench: Bench = {
  name: 'cli-start',
  measures: 'ms for a whole process `canopy status` against a running analyzer, against a process of Node that does nothing',
  async run() {
    const compiled = compileProject();
    const folder = mkdtempSync(join(tmpdir(), 'canopy-bench-'));
    const main = compiled.file('src/cli/main.ts');
    const analyzer = spawn(process.execPath, [main, 'analyzer', '--listen', '127.0.0.1:0', '--data-dir', folder, '--log-level', 'error'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = (await once(analyzer.stdout, 'data')) as [Buffer];
      const url = /http:\S+/.exec(line.toString())![0];
      const times: number[] = [];
      const baseline: number[] = [];
      // In turn, so that both meet the same noise of the machine. The first pair only fills the file cache.
      for (let run = 0; run <= RUNS; run++) {
        const pair = [timeOf(['-e', '0']), timeOf([main, 'status', '--analyzer', url])] as const;
        if (run === 0) continue;
        baseline.push(pair[0]);
        times.push(pair[1]);
      }
      return [lessIsBetter('cli-start', percentile(times, 50), 'ms', percentile(baseline, 50))];
    } finally {
      analyzer.kill('SIGTERM');
      await once(analyzer, 'exit');
      compiled.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
