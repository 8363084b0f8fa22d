/** A line of /proc/PID/mountinfo, see proc_pid_mountinfo(5). */
export interface Mount {
  /** Of the file system: `0:24`. */
  readonly device: string;
  /** What of the file system is mounted: a path inside it, or `net:[4026532008]`. */
  readonly root: string;
  /** Where, as the process sees it. */
  readonly path: string;
  /** `nsfs`, `tmpfs`, …. */
  readonly type: string;
  /** Whether later mounts below it arrive here from elsewhere: it is shared, or follows one that is. */
  readonly receives: boolean;
}

/** Octal escapes of space, tab, newline and backslash. */
const plain = (text: string): string => text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** Everything that is mounted, in order: of two at one path the later one is on top. */
export function parseMounts(mountInfo: string): Mount[] {
  return mountInfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ');
    const [, , device, root, path, , ...tags] = left.split(' ');
    if (device === undefined || root === undefined || path === undefined) return [];
    const receives = tags.some((tag) => tag.startsWith('shared:') || tag.startsWith('master:'));
    return [{ device, root: plain(root), path: plain(path), type: right.split(' ')[0] ?? '', receives }];
  });
}

const isWithin = (path: string, folder: string): boolean => folder === '/' || path === folder || path.startsWith(`${folder}/`);

const beyond = (path: string, folder: string): string => (folder === '/' ? path : path.slice(folder.length));

/** The mount in which a path lies; the path must be free of links. */
export const mountOf = (path: string, mounts: readonly Mount[]): Mount | undefined =>
  mounts.reduce<Mount | undefined>(
    (best, mount) => (isWithin(path, mount.path) && mount.path.length >= (best?.path.length ?? 0) ? mount : best),
    undefined,
  );

/** Under which paths others have the folder that is `path` here. */
export function elsewhere(path: string, here: readonly Mount[], there: readonly Mount[]): string[] {
  const mount = mountOf(path, here);
  if (mount === undefined) return [];
  const inside = `${mount.root === '/' ? '' : mount.root}${beyond(path, mount.path)}` || '/';
  return there
    .filter(({ device, root }) => device === mount.device && isWithin(inside, root))
    .map((other) => `${other.path === '/' ? '' : other.path}${beyond(inside, other.root)}`.replace(/\/$/, '') || '/');
}
