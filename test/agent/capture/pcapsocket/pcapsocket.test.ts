import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openPcapsocket } from '../../../../agent/capture/pcapsocket/open.js';
import { describeWith, program, root } from '../../../needs.js';
import { udpFrame } from '../frames.js';
import { pcapFile } from '../pcapFile.js';
import { Pump } from '../pump.js';

const FRAMES = Array.from({ length: 20 }, (_, index) => udpFrame({ destinationPort: 1_000 + index }));

describeWith([root, program('nc')], 'a socket for packets', () => {
  const pumps: Pump[] = [];
  let folder: string | undefined;

  afterEach(() => {
    for (const pump of pumps.splice(0)) pump.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const open = (bpf = ''): Pump => {
    const pump = new Pump('lo', undefined, { bpf }, { open: openPcapsocket });
    pumps.push(pump);
    return pump;
  };
  const portOf = (pump: Pump): number => Number(pump.source.facts().pcapSocket!.split(':')[1]);

  it('takes what nc sends', () => {
    folder = mkdtempSync(join(tmpdir(), 'canopy-pcapsocket-'));
    const file = join(folder, 'traffic.pcap');
    writeFileSync(file, pcapFile(FRAMES));
    const pump = open();
    // It ends when the capture has read everything, so nobody waits for it here.
    spawn('sh', ['-c', `nc -N 127.0.0.1 ${portOf(pump)} < ${file}`], { stdio: 'ignore' });
    pump.run(10_000, () => pump.packets.length >= FRAMES.length);
    expect(pump.packets.map(({ bytes }) => bytes.toString('hex'))).toEqual(FRAMES.map((frame) => frame.toString('hex')));
    expect(pump.source.counts().received).toBe(FRAMES.length);
    for (const { timeMs } of pump.packets) expect(Math.abs(timeMs - Date.now())).toBeLessThan(60_000);
  });

  it('gives each capture a port of its own, and filters', async () => {
    const all = open();
    const one = open('udp port 1003');
    expect(portOf(all)).not.toBe(portOf(one));
    for (const pump of [all, one]) {
      const socket = connect(portOf(pump), '127.0.0.1');
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      await new Promise<void>((resolve) => socket.end(pcapFile(FRAMES), () => resolve()));
    }
    all.run(10_000, () => all.packets.length >= FRAMES.length);
    one.run(10_000, () => one.packets.length >= 1);
    expect(all.packets).toHaveLength(20);
    expect(one.packets).toHaveLength(1);
  });

  it('lets go of streams that its filter cannot be for, and goes on', async () => {
    const pump = open('udp port 1003 or vlan');
    for (const linkType of [228, 1]) {
      const socket = connect(portOf(pump), '127.0.0.1');
      socket.on('error', () => undefined);
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      await new Promise<void>((resolve) => socket.end(pcapFile(FRAMES, { linkType }), () => resolve()));
    }
    pump.run(10_000, () => pump.packets.length >= 1 && pump.source.counts().drops.unfitStreams === 1);
    expect(pump.source.counts()).toMatchObject({ received: 1, drops: { unfitStreams: 1 } });
  });

  it('counts streams that are none', async () => {
    const pump = open();
    const socket = connect(portOf(pump), '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    await new Promise<void>((resolve) => socket.end('GET / HTTP/1.1\r\nHost: somewhere\r\n\r\n', () => resolve()));
    pump.run(10_000, () => pump.source.counts().drops.damagedStreams === 1);
    expect(pump.source.counts()).toEqual({ received: 0, dropped: 0, ifDropped: 0, drops: { damagedStreams: 1 } });
  });
});
