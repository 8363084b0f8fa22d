import type { Clock } from '../../common/clock.js';
import { CanopyError } from '../../common/errors.js';
import type { RecorderContract } from '../../journal/contracts.js';

/** How often a call that waits for the disk looks whether it refuses, ms. */
const LOOK_MS = 500;

/** Throws `STORE_UNAVAILABLE` when nothing more should be taken: the disk refuses, or does not follow. */
export function requireRoom({ isFull, diskError }: RecorderContract): void {
  if (diskError !== undefined) throw unavailable(`the disk refuses changes (${diskError}); make room on it, then try again`);
  if (isFull) throw unavailable('the disk does not follow: too much waits to be written; try again in a moment');
}

/** Resolves when what was recorded is on disk. Rejects with `STORE_UNAVAILABLE` as soon as the disk is seen to refuse: it may take longer than anybody waits. */
export function kept(durable: Promise<unknown>, recorder: RecorderContract, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.every(LOOK_MS, () => {
      if (recorder.diskError === undefined) return;
      cancel();
      const message = `applied, but not on disk, which refuses changes (${recorder.diskError}); lost if the analyzer ends before there is room: make room, then publish the same again`;
      reject(unavailable(message));
    });
    durable.then(() => resolve(), reject).finally(cancel);
  });
}

const unavailable = (message: string): CanopyError => new CanopyError('STORE_UNAVAILABLE', message, { retriable: true });
