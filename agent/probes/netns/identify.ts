import { CanopyError } from '../../../src/common/errors.js';
import { isErrno } from '../../linux/syscall.js';
import { cookieOfNamespace, withNamespace } from '../../linux/namespace.js';

/** Which namespace a path leads to now. */
export interface IdentifiedNamespace {
  /** The cookie; where the kernel has none, or it may not be asked, device and inode. */
  readonly key: string;
  readonly device: number;
  readonly inode: number;
}

/** `undefined` when the path is no namespace (yet). Throws when it is one that cannot be opened. */
export function identify(path: string): IdentifiedNamespace | undefined {
  try {
    return withNamespace(path, ({ fd, device, inode }) => ({ key: cookieOf(fd) ?? `${device}:${inode}`, device, inode }));
  } catch (error) {
    // Another kind of namespace (uts, mnt, …) looks the same from outside; the kernel lets nobody enter it as a network.
    if ((error instanceof CanopyError && error.code === 'BAD_INPUT') || isErrno(error, 'EINVAL')) return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function cookieOf(fd: number): string | undefined {
  try {
    return cookieOfNamespace(fd);
  } catch (error) {
    // Without SYS_ADMIN nobody enters: the namespace is shown all the same, by what can be seen from outside.
    if (isErrno(error, 'EPERM')) return undefined;
    throw error;
  }
}
