import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Position } from '../../src/graph/position.js';
import { newFolder, open } from './folder.js';

const WRITER = fileURLToPath(new URL('crashWriter.ts', import.meta.url));
const KILLS = 8;

interface Acknowledged {
  readonly number: number;
  readonly position: Position;
}

/** Lets a writer run for a while after its first acknowledgement and kills it; returns what it was told to be durable. */
async function writeAndKill(dataDir: string, first: number, afterMs: number): Promise<Acknowledged[]> {
  const writer = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), WRITER, dataDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(writer.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  writer.kill('SIGKILL');
  await once(writer, 'close');
  const lines = output.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [number, epoch, seq] = line.split(' ').map(Number) as [number, number, number];
    return { number, position: { epoch, seq } };
  });
}

it('keeps everything that was acknowledged, however often the process is killed', async () => {
  const dataDir = newFolder();
  let next = 0;
  const all: Acknowledged[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const acknowledged = await writeAndKill(dataDir, next, 5 + kill * 37);
    expect(acknowledged.length).toBeGreaterThan(0);
    all.push(...acknowledged);
    const last = acknowledged.at(-1)!;
    const recorder = await open(dataDir);
    const progress = recorder.progressOf('agent.crash');
    expect(progress?.lastDelta).toBeGreaterThanOrEqual(last.number);
    // Each batch was twenty changes of its own number: all are there, with their content.
    for (const { number, position } of all) {
      expect(recorder.journal.check(position)).toBe('good');
      const change = recorder.journal.change(position.seq);
      expect(change && 'element' in change && change.element.metadata['Number']).toBe(number);
    }
    expect(recorder.journal.epochs.firstSeq).toBeGreaterThan(last.position.seq);
    expect(recorder.coverage.between(0, Infinity)).toHaveLength(2 * kill + 1);
    next = progress!.lastDelta + 1;
    await recorder.close();
  }
}, 120_000);
