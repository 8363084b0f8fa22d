import { openSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LINUX } from '../../../agent/linux/abi.js';
import { errnoName, isErrno, raw, sys } from '../../../agent/linux/syscall.js';
import { CanopyError } from '../../../src/common/errors.js';

describe('a system call', () => {
  it('that fails says which one, with what, and why', () => {
    let thrown: unknown;
    try {
      sys.socket(LINUX.AF_NETLINK, LINUX.SOCK_RAW, 9_999);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CanopyError);
    expect(thrown).toMatchObject({
      code: 'SYSTEM_CALL',
      message: 'socket(16, 3, 9999) failed: EPROTONOSUPPORT',
      details: { call: 'socket', errno: 'EPROTONOSUPPORT', arguments: '16, 3, 9999' },
    });
    expect(isErrno(thrown, 'EPROTONOSUPPORT')).toBe(true);
    expect(isErrno(thrown, 'EPERM')).toBe(false);
  });

  it('shows memory in its message as a length only', () => {
    expect(() => sys.write(-1, Buffer.from('secret'), 6)).toThrow('write(-1, <6 bytes>, 6) failed: EBADF');
  });

  it('keeps its own errno whatever Node does in between', () => {
    for (let turn = 0; turn < 200; turn++) {
      const result = raw.setns(-1, 0);
      expect(() => openSync('/nowhere/at/all', 'r')).toThrow();
      expect(statSync('/').isDirectory()).toBe(true);
      expect(errnoName(-result)).toBe('EBADF');
    }
  });

  it('has a name for an errno that nobody named', () => {
    expect(errnoName(9_999)).toBe('errno 9999');
  });
});
