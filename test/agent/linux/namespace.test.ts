import { execFileSync } from 'node:child_process';
import { mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  cookieOfOwnNamespace,
  inNamespace,
  isNamespace,
  openNamespace,
  prepareNamespaces,
  withNamespace,
  cookieOfNamespace,
} from '../../../agent/linux/namespace.js';
import { describeWith, program, root } from '../../needs.js';
import { Lab } from '../lab.js';

const where = (): string => readlinkSync('/proc/thread-self/ns/net');

describeWith([root, program('unshare')], 'a network namespace', () => {
  let lab: Lab;
  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
  });
  afterEach(() => lab.close());

  it('is entered for one function, and left again also when that throws', () => {
    const path = lab.addNamespace('blue');
    const home = where();
    const there = withNamespace(path, ({ fd }) => inNamespace(fd, where));
    expect(there).not.toBe(home);
    expect(where()).toBe(home);
    expect(() =>
      withNamespace(path, ({ fd }) =>
        inNamespace(fd, () => {
          throw new Error('inside');
        }),
      ),
    ).toThrow('inside');
    expect(where()).toBe(home);
  });

  it('is never the one of the pool of threads', async () => {
    const path = lab.addNamespace('blue');
    const home = where();
    const pool = withNamespace(path, ({ fd }) =>
      inNamespace(fd, () => Promise.all(Array.from({ length: 16 }, () => readlink('/proc/thread-self/ns/net')))),
    );
    expect(new Set(await pool)).toEqual(new Set([home]));
  });

  it('has a cookie that no other has, also when the inode is used again', () => {
    const cookies = new Set([cookieOfOwnNamespace()]);
    for (let round = 0; round < 5; round++) {
      cookies.add(withNamespace(lab.addNamespace('blue'), ({ fd }) => cookieOfNamespace(fd)));
      lab.removeNamespace('blue');
    }
    expect(cookies.size).toBe(6);
  });

  it('is refused by name when the path leads to something else', () => {
    const file = join(lab.folder, 'file');
    writeFileSync(file, '');
    mkdirSync(join(lab.folder, 'folder'));
    symlinkSync('/proc/self/ns/uts', join(lab.folder, 'uts'));
    execFileSync('mkfifo', [join(lab.folder, 'pipe')]);
    for (const name of ['file', 'folder', 'pipe', 'absent']) {
      expect(() => openNamespace(join(lab.folder, name))).toThrow(`${join(lab.folder, name)} is no network namespace`);
    }
    // Another kind of namespace lies in the same file system, and is refused by the kernel when it is entered.
    expect(isNamespace(join(lab.folder, 'uts'))).toBe(true);
    expect(() => withNamespace(join(lab.folder, 'uts'), ({ fd }) => inNamespace(fd, where))).toThrow(/EINVAL/);
  });
});
