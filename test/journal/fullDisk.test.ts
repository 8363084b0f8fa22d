import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, root } from '../needs.js';
import { afterTest, newFolder, open } from './folder.js';

/** A file system of this size, gone after the test. */
function smallDisk(size: string): string {
  const folder = newFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  afterTest(() => execFileSync('umount', ['-l', folder]));
  return folder;
}

const batch = (number: number) => ({
  origin: 'agent.full',
  immediate: true,
  deltas: Array.from({ length: 20 }, (_, index) => ({
    op: 'putNode' as const,
    id: `n${index}`,
    host: 'h',
    metadata: { Type: 'device', Number: number, Text: 'x'.repeat(1_000) },
  })),
});

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 120));

describeWith([root], 'a full disk', () => {
  it('stops acknowledgements and nothing else, and loses nothing when there is room again', async () => {
    const disk = smallDisk('6m');
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(3 << 20));
    const dataDir = join(disk, 'data');
    const recorder = await open(dataDir, undefined, 1 << 20);
    let roomed = 0;
    recorder.onRoom(() => roomed++);
    let number = 0;
    let acknowledged = -1;
    const note = (durable: Promise<void>, of: number): void =>
      void durable.then(
        () => (acknowledged = Math.max(acknowledged, of)),
        () => undefined,
      );
    while (!recorder.isFull) {
      note(recorder.record(batch(number), { origin: 'agent.full', incarnation: 'one', lastDelta: number }).durable, number);
      number++;
      await new Promise((resolve) => setImmediate(resolve));
      if (number % 20 === 0) await settled();
    }
    const status = recorder.status();
    expect(status).toMatchObject({ isFull: true, error: expect.stringContaining('refused') as string });
    expect(status.retries).toBeGreaterThan(0);
    expect(status.tailChanges).toBeGreaterThan(0);
    // The present goes on.
    expect(recorder.graph.node('n0')?.metadata['Number']).toBe(number - 1);
    expect(acknowledged).toBeLessThan(number - 1);
    rmSync(filler);
    await recorder.record(batch(number), { origin: 'agent.full', incarnation: 'one', lastDelta: number }).durable;
    expect(acknowledged).toBe(number - 1);
    expect(roomed).toBe(1);
    expect(recorder.status()).toMatchObject({ isFull: false, tailChanges: 0, error: undefined });
    await recorder.close();
    const again = await open(dataDir);
    expect(again.graph.node('n0')?.metadata['Number']).toBe(number);
    expect(again.progressOf('agent.full')?.lastDelta).toBe(number);
  });

  it('that stays full lets the recorder close in time; what was not acknowledged is refused', async () => {
    const disk = smallDisk('1m');
    const recorder = await open(join(disk, 'data'));
    const outcomes: Promise<string>[] = [];
    for (let number = 0; number < 100; number++) {
      const { durable } = recorder.record(batch(number));
      outcomes.push(
        durable.then(
          () => 'kept',
          (error: { code: string }) => error.code,
        ),
      );
      if (number % 10 === 0) await settled();
    }
    await recorder.close(200);
    const counts = await Promise.all(outcomes);
    expect(new Set(counts)).toEqual(new Set(['kept', 'STORE_UNAVAILABLE']));
    expect(counts.lastIndexOf('kept')).toBeLessThan(counts.indexOf('STORE_UNAVAILABLE'));
  });
});
