import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Waits } from '../../../../agent/capture/worker/waits.js';
import { LINUX } from '../../../../agent/linux/abi.js';
import { sys } from '../../../../agent/linux/syscall.js';

const counter = Buffer.alloc(8);
const one = Buffer.alloc(8);
one.writeBigUInt64LE(1n);

let waits: Waits;
const open: number[] = [];

/** A descriptor at which there is something when it is rung. */
function bell(heard: () => void): { ring: () => void } {
  const fd = sys.eventfd(0, LINUX.EFD_CLOEXEC | LINUX.EFD_NONBLOCK);
  open.push(fd);
  waits.watch(fd, () => {
    sys.read(fd, counter, 8);
    heard();
  });
  return { ring: () => void sys.write(fd, one, 8) };
}

beforeEach(() => (waits = new Waits()));
afterEach(() => {
  waits.close();
  for (const fd of open.splice(0)) sys.close(fd);
});

describe('waiting for descriptors', () => {
  it('leaves those alone for a while that all say they have time', () => {
    const heard: string[] = [];
    const first = bell(() => (heard.push('first'), waits.rest(200)));
    const second = bell(() => (heard.push('second'), waits.rest(40)));
    first.ring();
    second.ring();
    waits.wait(0);
    first.ring();
    const began = performance.now();
    waits.wait(60_000);
    // The clock of a sleep and this one are not the same to the last bit.
    expect(performance.now() - began).toBeGreaterThan(39);
    expect(heard.sort()).toEqual(['first', 'first', 'second']);
  });

  it('leaves nobody alone when one has no time, nor longer than is waited', () => {
    const heard: string[] = [];
    const patient = bell(() => (heard.push('patient'), waits.rest(3_600_000)));
    const hurried = bell(() => heard.push('hurried'));
    patient.ring();
    hurried.ring();
    waits.wait(0);
    patient.ring();
    waits.wait(3_600_000);
    patient.ring();
    waits.wait(1);
    expect(heard.sort()).toEqual(['hurried', 'patient', 'patient', 'patient']);
  });
});
