import { openSync } from 'node:fs';

/**
 * What is mounted, as this thread sees it. The descriptor can be waited for (`'mounts'`): it is an exception (EPOLLPRI) that something was
 * mounted or unmounted since the last time; see proc_pid_mounts(5).
 */
export const openMounts = (): number => openSync('/proc/thread-self/mountinfo', 'r');
