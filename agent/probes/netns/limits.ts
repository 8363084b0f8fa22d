import { readFileSync } from 'node:fs';

/** Namespaces that one agent watches. Each costs some 30 KiB here and a set of buffers in the kernel. */
export const MOST_NAMESPACES = 2_000;
/** Descriptors for one namespace: its sockets, and the processes that are followed for it. */
const DESCRIPTORS_OF_ONE = 6;
/** Descriptors for everything else. */
const OTHER_DESCRIPTORS = 256;

/** Says to people which limit that is. */
export const whyNoMoreThan = (most: number): string =>
  most < MOST_NAMESPACES
    ? `${most} is what the descriptors of this process are enough for (ulimit -n, or LimitNOFILE in systemd)`
    : `${most} is the most that one agent watches`;

/** How many namespaces can be watched with as many descriptors as this process may have. */
export function mostNamespaces(limits: string = readFileSync('/proc/self/limits', 'utf8')): number {
  const descriptors = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return Math.max(1, Math.min(MOST_NAMESPACES, Math.floor((descriptors - OTHER_DESCRIPTORS) / DESCRIPTORS_OF_ONE)));
}
