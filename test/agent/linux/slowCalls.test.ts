import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { here, OtherThreads, takeHere, type Aside, type Steps } from '../../../agent/linux/slowCalls.js';
import { sys } from '../../../agent/linux/syscall.js';
import { LINUX } from '../../../agent/linux/abi.js';

const SOCK_DGRAM = 2;
const SO_REUSEADDR = 2;

/** Sets an option of a socket and closes it; says how far it came. */
function* work(said: string[], option = SO_REUSEADDR): Steps<void> {
  const fd = sys.socket(LINUX.AF_INET, SOCK_DGRAM, 0);
  const value = Buffer.alloc(4);
  value.writeInt32LE(1);
  let isClosed = false;
  try {
    said.push('begun');
    yield { call: 'setsockopt', args: [fd, LINUX.SOL_SOCKET, option, value, 4], pointedTo: undefined };
    said.push('set');
    yield { call: 'close', args: [fd] };
    isClosed = true;
    said.push('closed');
  } finally {
    if (!isClosed) {
      sys.close(fd);
      said.push('undone');
    }
  }
}

describe('steps with slow calls', () => {
  const settle = async (aside: Aside): Promise<void> => {
    while (aside instanceof OtherThreads && aside.isBusy) await turnOfEventLoop();
  };

  it.each([
    ['here', here],
    ['aside', new OtherThreads()],
  ] as const)('are taken one after the other (%s)', async (_, aside) => {
    const said: string[] = [];
    aside.take(work(said), (error) => said.push(`ended: ${error}`));
    await settle(aside);
    expect(said).toEqual(['begun', 'set', 'closed', 'ended: undefined']);
  });

  it.each([
    ['here', here],
    ['aside', new OtherThreads()],
  ] as const)('hear what the kernel says against one (%s)', async (_, aside) => {
    const said: string[] = [];
    aside.take(work(said, 9_999), (error) => said.push(String(error)));
    await settle(aside);
    expect(said).toEqual(['begun', 'undone', expect.stringMatching(/setsockopt\(\d+, 1, 9999, <4 bytes>, 4\) failed: ENOPROTOOPT/)]);
  });

  it('let their thread go on', async () => {
    const aside = new OtherThreads();
    const said: string[] = [];
    aside.take(work(said), () => said.push('ended'));
    said.push('went on');
    expect(aside.isBusy).toBe(true);
    await settle(aside);
    expect(said).toEqual(['begun', 'went on', 'set', 'closed', 'ended']);
  });

  it('are undone when they are called off', async () => {
    const aside = new OtherThreads();
    const said: string[] = [];
    const callOff = aside.take(work(said), () => said.push('ended'));
    callOff();
    await settle(aside);
    expect(said).toEqual(['begun', 'undone']);
  });

  it('throw where they are taken here', () => {
    expect(() => takeHere(work([], 9_999))).toThrow(/ENOPROTOOPT/);
  });
});
