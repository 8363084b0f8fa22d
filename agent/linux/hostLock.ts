import { CanopyError } from '../../src/common/errors.js';
import { LINUX, OFFSET, SIZE } from './abi.js';
import { isErrno, sys } from './syscall.js';

/**
 * Makes sure that one agent watches under one identity: an abstract socket, which the kernel takes away with the process however it ends.
 * Abstract names belong to a network namespace, so agents in two namespaces of one machine do not meet. Answers how to let go.
 * Throws `UNAVAILABLE` when another process holds it.
 */
export function lockHost(hostId: string): () => void {
  const fd = sys.socket(LINUX.AF_UNIX, LINUX.SOCK_STREAM | LINUX.SOCK_CLOEXEC, 0);
  const { sun_family: family, sun_path: path } = OFFSET['struct sockaddr_un'];
  // A first byte of zero makes the name abstract. It ends where the address ends.
  const name = Buffer.from(`\0canopy-agent/${hostId}`).subarray(0, SIZE['struct sockaddr_un'] - path);
  const address = Buffer.alloc(path + name.length);
  address.writeUInt16LE(LINUX.AF_UNIX, family);
  name.copy(address, path);
  try {
    sys.bind(fd, address, address.length);
  } catch (error) {
    sys.close(fd);
    if (!isErrno(error, 'EADDRINUSE')) throw error;
    throw new CanopyError(
      'UNAVAILABLE',
      `another agent already watches this host as ${hostId}; stop it, or give this one another agent.hostId`,
      {
        cause: error,
        details: { hostId },
      },
    );
  }
  return () => void sys.close(fd);
}
