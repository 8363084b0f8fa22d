import { readdirSync, statSync, watch, type FSWatcher, type Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from '../../../src/common/clock.js';

/** Milliseconds between looks for a folder that is not there, and for names that no event told of. */
const LOOK_AGAIN = 1_000;
/** Where nobody tells of mounts, one over a file that was there before is found by this. */
const RESCAN = 10_000;

export interface RunPathListener {
  /** Something happened to this name: it may be there, gone, or another one now. */
  touched(folder: string, name: string): void;
  /** These names are there; all others are not. */
  scanned(folder: string, names: readonly string[]): void;
  /** What keeps the path from being looked at; `undefined` when nothing does any more. */
  unreadable(path: string, reason: string | undefined): void;
}

/** A folder or file under watch. */
export interface RunPathWatch {
  /** Looks at all names now. */
  look(): void;
  stop(): void;
}

/**
 * Watches a folder of named namespaces, from when it exists: by inotify, and by looking. A path that is a file is watched by looking alone:
 * a mount over it, or its end, makes no event.
 */
export function watchRunPath(path: string, clock: Clock, listener: RunPathListener): RunPathWatch {
  let watcher: FSWatcher | undefined;
  let lastScan = -Infinity;
  let told: string | undefined;
  const tell = (reason: string | undefined): void => {
    if (reason === told) return;
    told = reason;
    listener.unreadable(path, reason);
  };
  const scan = (): void => {
    lastScan = clock.monotonic();
    const names = namesIn(path);
    tell(names instanceof Error ? names.message : undefined);
    listener.scanned(path, names instanceof Error ? [] : names);
  };
  const letGo = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  let lookedAt: string | undefined;
  const lookAtFile = (): boolean => {
    const seen = lookAt(path);
    if (seen?.isDirectory() || (seen === undefined && lookedAt === undefined)) return false;
    const now = seen && `${seen.dev}:${seen.ino}`;
    if (now !== lookedAt) listener.touched(dirname(path), basename(path));
    lookedAt = now;
    return true;
  };
  const open = (): void => {
    if (lookAtFile()) return;
    try {
      // Not persistent: a watched folder is no reason for the process to live on.
      watcher = watch(path, { persistent: false }, (_event, name) => {
        if (name === null) return scan();
        listener.touched(path, name);
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
  return {
    look: () => (watcher === undefined ? open() : scan()),
    stop: () => {
      cancel();
      letGo();
    },
  };
}

/** What the path leads to; `undefined` also where we may not look. */
export function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** None where there is no such folder; an error where we may not look into it. */
function namesIn(path: string): string[] | Error {
  try {
    return readdirSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : (error as Error);
  }
}
