import { readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../../../src/common/clock.js';
import type { MetadataFile, MetadataFiles } from '../../../src/common/config/metadataFiles.js';
import type { JsonObject } from '../../../src/common/json.js';
import { factText, parseFacts, selectFact } from './facts.js';

/** Milliseconds after a change in which more of them belong to it: files are written in steps. */
const SETTLED = 100;
/** Milliseconds between looks, for folders that were not there and changes that nobody told of. */
const LOOK_AGAIN = 30_000;
/** Bytes of a file, and characters of a value. */
const LARGEST_FILE = 1024 * 1024;
const LONGEST_VALUE = 64 * 1024;

/** What the files say now. */
export interface FileFacts {
  /** By name, nested at the dots. */
  readonly config: JsonObject;
  /** Files and values that cannot be read, one line each. */
  readonly problems: readonly string[];
}

/** Reads the files now, and calls `changed` when they say something else. Their folders are watched: most are replaced, not written. */
export function watchMetadataFiles(
  files: MetadataFiles,
  clock: Clock,
  changed: (facts: FileFacts) => void,
): { first: FileFacts; stop: Cancel } {
  const watchers = new Map<string, FSWatcher>();
  const folders = new Set(Object.values(files).map(({ path }) => dirname(path)));
  const first = readFiles(files);
  let last = JSON.stringify(first);
  let cancelLook: Cancel | undefined;
  const look = (): void => {
    cancelLook = undefined;
    const facts = readFiles(files);
    const now = JSON.stringify(facts);
    if (now === last) return;
    last = now;
    changed(facts);
  };
  const lookSoon = (): void => void (cancelLook ??= clock.after(SETTLED, look));
  const letGo = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const watchFolders = (): void => {
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      try {
        // Not persistent: a watched folder is no reason for the process to live on.
        const watcher = watch(folder, { persistent: false }, (_event, name) => {
          // The folder's own name tells of the folder itself: it may be gone, and the watch with it.
          if (name === null || folder.endsWith(`/${name}`)) letGo(folder);
          lookSoon();
        });
        watcher.on('error', () => letGo(folder));
        watchers.set(folder, watcher);
      } catch {
        // Not there yet.
      }
    }
  };
  watchFolders();
  const cancelAgain = clock.every(LOOK_AGAIN, () => {
    watchFolders();
    look();
  });
  return {
    first,
    stop: () => {
      cancelAgain();
      cancelLook?.();
      for (const folder of folders) letGo(folder);
    },
  };
}

function readFiles(files: MetadataFiles): FileFacts {
  const config: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, file] of Object.entries(files)) {
    try {
      put(config, name.split('.'), readOne(file));
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
      problems.push(`agent.metadataFiles: ${name} cannot be read from ${file.path}: ${reason}`);
    }
  }
  return { config: config as JsonObject, problems };
}

function readOne({ path, type, selector }: MetadataFile): string {
  const { size } = statSync(path);
  if (size > LARGEST_FILE) throw new Error(`it has ${size} bytes, and at most ${LARGEST_FILE} are read`);
  const value = selectFact(parseFacts(type, readFileSync(path, 'utf8')), selector);
  if (value === undefined) throw new Error(`there is no ${selector} in it`);
  const text = factText(value);
  if (text.length > LONGEST_VALUE) throw new Error(`the value has ${text.length} characters, and at most ${LONGEST_VALUE} are kept`);
  return text;
}

/** Where another name ends, nothing can be put below: the later one wins. */
function put(config: Record<string, unknown>, [first, ...rest]: readonly string[], text: string): void {
  if (rest.length === 0) config[first!] = text;
  else {
    const below = config[first!];
    const folder = typeof below === 'object' && below !== null ? (below as Record<string, unknown>) : {};
    config[first!] = folder;
    put(folder, rest, text);
  }
}
