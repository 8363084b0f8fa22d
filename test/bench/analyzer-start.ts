import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { percentile, type Bench, type Figure } from './bench.js';
import { benchFolder, writeHistory } from './journal/fixture.js';

const SHAPE = { nodes: 10_000, edges: 0, changes: 1_000_000 };
const STARTS = 5;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The built program from its start to the line that says it is ready, on a new folder and on one with a million changes. */
export const bench: Bench = {
  name: 'analyzer-start',
  measures: 's until the analyzer is ready, empty folder, and with 1e6 changes kept',
  async run(): Promise<readonly Figure[]> {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    const kept = await writeHistory(SHAPE);
    const empty: number[] = [];
    const full: number[] = [];
    for (let start = 0; start < STARTS; start++) {
      empty.push(await startOnce(benchFolder()));
      full.push(await startOnce(kept));
    }
    return [
      { name: 'analyzer-start/empty', value: percentile(empty, 50) / 1_000, unit: 's' },
      { name: 'analyzer-start/kept', value: percentile(full, 50) / 1_000, unit: 's' },
    ];
  },
};

/** Starts the analyzer, waits until it is ready, and stops it. Returns ms. */
async function startOnce(dataDir: string): Promise<number> {
  const started = performance.now();
  const args = ['dist/src/cli/main.js', 'analyzer', '--listen', '127.0.0.1:0', '--data-dir', dataDir, '--log-level', 'error'];
  const analyzer = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(analyzer, 'close');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    analyzer.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('canopy ready')) resolve();
    });
    void ended.then(() => reject(new Error(`the analyzer ended before it was ready: ${output}`)));
  });
  const took = performance.now() - started;
  analyzer.kill('SIGTERM');
  await ended;
  return took;
}
