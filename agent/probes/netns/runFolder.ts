import { readdirSync, watch, type FSWatcher } from 'node:fs';
import type { Cancel, Clock } from '../../../src/common/clock.js';

/** Milliseconds between looks for a folder that is not there, and for names that no event told of. */
const LOOK_AGAIN = 1_000;
/** A mount over a file that was there before makes no event in its folder. */
const RESCAN = 10_000;

export interface RunFolderListener {
  /** Something happened to this name: it may be there, gone, or another one now. */
  touched(name: string): void;
  /** These names are there; all others are not. */
  scanned(names: readonly string[]): void;
}

/** Watches a folder of named namespaces, from when it exists: by inotify, and by looking. Answers how to stop. */
export function watchRunFolder(path: string, clock: Clock, listener: RunFolderListener): Cancel {
  let watcher: FSWatcher | undefined;
  let lastScan = -Infinity;
  const scan = (): void => {
    lastScan = clock.monotonic();
    listener.scanned(namesIn(path));
  };
  const letGo = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const open = (): void => {
    try {
      // Not persistent: a watched folder is no reason for the process to live on.
      watcher = watch(path, { persistent: false }, (_event, name) => {
        if (name === null) return scan();
        listener.touched(name);
        // The folder's own name tells of the folder itself: it may be gone, and the watch with it.
        if (path.endsWith(`/${name}`)) letGo();
      });
      watcher.on('error', letGo);
    } catch {
      letGo();
    }
    scan();
  };
  open();
  const cancel = clock.every(LOOK_AGAIN, () => {
    if (watcher === undefined) open();
    else if (clock.monotonic() - lastScan >= RESCAN) scan();
  });
  return () => {
    cancel();
    letGo();
  };
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
