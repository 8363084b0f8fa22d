import { readdirSync, readlinkSync } from 'node:fs';
import { setImmediate as turnOfEventLoop } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { prepareNamespaces } from '../../../agent/linux/namespace.js';
import { here, OtherThreads } from '../../../agent/linux/slowCalls.js';
import { describeWith, program, root } from '../../needs.js';
import { Lab } from '../lab.js';
import { udpFrame } from './frames.js';
import { Pump, sendFrames } from './pump.js';

const MIB = 1024 * 1024;
const ARRIVES = 20_000;
/** Frames of 200 bytes take 288 in a ring: a little more than three quarters of its first 2 MiB, since blocks are handed over half full when time passes. */
const NEARLY_ALL = 5_600;
const CHUNK = 500;
const CHUNKS = 20;
const NUMBER_AT = 42;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'a ring that is too small', () => {
  let lab: Lab;
  let pump: Pump;
  let aside: OtherThreads;
  let sent = 0;
  let isClosed = false;

  beforeEach(async () => {
    await prepareNamespaces();
    lab = new Lab();
    for (const name of ['left', 'right']) lab.addNamespace(name);
    await lab.addQuietPair('capl', 'capr');
    aside = new OtherThreads();
    sent = 0;
    isClosed = false;
  });

  afterEach(async () => {
    if (!isClosed) pump.close();
    while (aside.isBusy) await turnOfEventLoop();
    await lab.close();
  });

  const open = (how: 'aside' | 'here'): void =>
    void (pump = new Pump('capr', lab.path('right'), {}, { aside: how === 'aside' ? aside : here }));
  const send = (frames: number): void => {
    const numbered = Array.from({ length: frames }, () => {
      const payload = Buffer.alloc(158);
      payload.writeUInt32BE(sent++);
      return udpFrame({ payload });
    });
    sendFrames(lab.path('left'), 'capl', numbered);
  };
  const turn = async (): Promise<void> => {
    pump.run(5);
    await turnOfEventLoop();
  };
  const ringBytes = (): unknown => pump.source.facts().facts.ringBytes;

  it.each(['aside', 'here'] as const)('becomes larger while packets come, each of which is there once (%s)', async (how) => {
    open(how);
    send(NEARLY_ALL);
    const until = performance.now() + ARRIVES;
    // Both for a while: packets come to the one or to the other.
    while (pump.rings.taken !== 8 * MIB && performance.now() < until) {
      await turn();
      send(20);
    }
    expect(ringBytes()).toBe(8 * MIB);
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      send(CHUNK);
      await turn();
    }
    pump.run(ARRIVES, () => pump.packets.length >= sent);
    const numbers = pump.packets.map(({ bytes }) => bytes.readUInt32BE(NUMBER_AT)).sort((left, right) => left - right);
    expect(numbers).toEqual(Array.from({ length: sent }, (_, index) => index));
    expect(pump.source.counts()).toMatchObject({ received: sent, dropped: 0 });
  });

  it('shares out packets when it has become larger, where it is told to before', async () => {
    open('aside');
    send(NEARLY_ALL);
    pump.run(ARRIVES, () => aside.isBusy);
    let isSteered = false;
    pump.source.fanout!.steer([0], true, () => (isSteered = true));
    const until = performance.now() + ARRIVES;
    while (!isSteered && performance.now() < until) await turn();
    expect(isSteered).toBe(true);
    send(10);
    pump.run(ARRIVES, () => pump.packets.length >= sent);
    expect(pump.packets).toHaveLength(sent);
  });

  it('leaves nothing behind when its capture ends meanwhile', async () => {
    const sockets = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
        } catch {
          // The folder's own.
          return false;
        }
      }).length;
    const before = sockets();
    open('aside');
    send(NEARLY_ALL);
    pump.run(ARRIVES, () => aside.isBusy);
    expect(aside.isBusy).toBe(true);
    pump.close();
    isClosed = true;
    while (aside.isBusy) await turnOfEventLoop();
    expect(pump.rings.taken).toBe(0);
    expect(sockets()).toBe(before);
    expect(pump.failure).toBeUndefined();
  });
});
