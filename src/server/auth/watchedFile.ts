import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';

/** Milliseconds for which a file is believed not to have changed. */
const LOOK_EVERY_MS = 1_000;

/** What a file says, read again when the file is another one. */
export interface WatchedFile<Content> {
  /** At most a second old. */
  current(): Content;
  /** As it is now. */
  refreshed(): Content;
}

/**
 * Watches a file that may be missing. Looks when it is asked, so that nothing runs by itself. What cannot be read at the start throws; later the last good
 * content stays in force and the log says so.
 */
export function watchFile<Content>(
  path: string,
  read: (text: string | undefined) => Content,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): WatchedFile<Content> {
  let seen = versionOf(path);
  let content = read(textOf(path, seen));
  let lookedAt = clock.monotonic();

  function refreshed(): Content {
    lookedAt = clock.monotonic();
    const version = versionOf(path);
    if (version === seen) return content;
    seen = version;
    try {
      content = read(textOf(path, version));
      log.info({ file: path }, 'read anew');
    } catch (error) {
      log.error({ file: path, error: (error as Error).message }, 'cannot be read anew; what it said before stays in force');
    }
    return content;
  }

  return { refreshed, current: () => (clock.monotonic() - lookedAt < LOOK_EVERY_MS ? content : refreshed()) };
}

/** Another text for another content; files are replaced whole, so that the inode tells too. */
function versionOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat && `${stat.ino}.${stat.size}.${stat.mtimeNs}`;
}

const textOf = (path: string, version: string | undefined): string | undefined =>
  version === undefined ? undefined : readFileSync(path, 'utf8');
