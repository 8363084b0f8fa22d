import type { Cancel, Clock } from '../../../src/common/clock.js';
import { watchRunPath, type RunPathListener, type RunPathWatch } from './runPath.js';

/** Milliseconds between the end of one look after a mount and the next: many namespaces are often made one after the other. */
const LOOK_PAUSE = 50;
/** The pause is at least as many times as long as the look took: however many there are, looking takes a tenth of the time at most. */
const PAUSE_FOR_LOOK = 10;

/**
 * All folders and files in which namespaces have names. A mount over a file that is there already, and the end of one, make no event in
 * their folder: only the kernel's table of mounts tells that there was one, and not where. Then all names are looked at.
 */
export class RunPaths {
  private readonly watches: readonly RunPathWatch[];
  private cancelLook: Cancel | undefined;
  /** No look before this, on the monotonic clock. */
  private pauseUntil = -Infinity;

  constructor(
    paths: Iterable<string>,
    private readonly clock: Clock,
    listener: RunPathListener,
  ) {
    this.watches = [...paths].map((path) => watchRunPath(path, clock, listener));
  }

  /** Something was mounted or unmounted somewhere: all names are looked at, now or a little later. */
  mountsChanged(): void {
    if (this.cancelLook !== undefined) return;
    const wait = Math.max(0, this.pauseUntil - this.clock.monotonic());
    this.cancelLook = this.clock.after(wait, () => this.look());
  }

  stop(): void {
    this.cancelLook?.();
    for (const watch of this.watches) watch.stop();
  }

  private look(): void {
    this.cancelLook = undefined;
    const from = this.clock.monotonic();
    for (const watch of this.watches) watch.look();
    const now = this.clock.monotonic();
    this.pauseUntil = now + Math.max(LOOK_PAUSE, (now - from) * PAUSE_FOR_LOOK);
  }
}
