import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { largePages } from '../../../agent/linux/largePages.js';
import { addressOf } from '../../../agent/linux/syscall.js';

const MEBIBYTE = 1024 * 1024;

/** What the kernel says of the mapping that an address of this process is in: flags by their two letters. */
function flagsAt(address: number): string[] {
  let isInside = false;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range !== null) isInside = address >= parseInt(range[1]!, 16) && address < parseInt(range[2]!, 16);
    else if (isInside && line.startsWith('VmFlags:')) return line.slice('VmFlags:'.length).trim().split(' ');
  }
  return [];
}

describe('memory in large pages', () => {
  it('is of zeros, and lies where a large page does', () => {
    for (const bytes of [2 * MEBIBYTE, 31 * MEBIBYTE + 4096, 40 * MEBIBYTE]) {
      const memory = largePages(bytes);
      expect(memory.length).toBe(bytes);
      expect(addressOf(Buffer.from(memory.buffer, memory.byteOffset)) % BigInt(2 * MEBIBYTE)).toBe(0n);
      expect([memory[0], memory[bytes >> 1], memory[bytes - 1]]).toEqual([0, 0, 0]);
    }
  });

  it.runIf(existsSync('/sys/kernel/mm/transparent_hugepage/enabled'))('is asked of the kernel', () => {
    const memory = largePages(8 * MEBIBYTE);
    const address = Number(addressOf(Buffer.from(memory.buffer, memory.byteOffset)));
    memory[0] = 1;
    expect(flagsAt(address)).toContain('hg');
  });
});
