import { readFileSync } from 'node:fs';
import { openPacketSocket, attachFilter } from '../../agent/linux/packetSocket.js';
import { keepEverything } from '../../agent/linux/classicBpf.js';
import { LINK_TYPE } from '../../agent/linux/interface.js';
import { prepareNamespaces } from '../../agent/linux/namespace.js';
import { openRing } from '../../agent/linux/ring.js';
import { takeHere } from '../../agent/linux/slowCalls.js';
import { sys } from '../../agent/linux/syscall.js';
import { Pump } from '../agent/capture/pump.js';
import { lessIsBetter, type Bench, type Figure } from './bench.js';
import { PacketLab } from './packets/lab.js';

const CAPTURES = 100;
const MIB = 1024 * 1024;
const PAGE = 4_096;
const LARGE = { blockBytes: MIB, blocks: 64, retireMs: 100 };

const residentBytes = (): number => Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * PAGE;

export const bench: Bench = {
  name: 'captures-many',
  measures: '100 captures on one host: memory of them all, and milliseconds to open one, against rings of 64 MiB',
  async run(): Promise<readonly Figure[]> {
    await prepareNamespaces();
    const lab = new PacketLab(CAPTURES);
    const pumps: Pump[] = [];
    try {
      // What the first one loads is not the price of the next.
      new Pump('right0', lab.path('right')).close();
      const before = residentBytes();
      const begin = performance.now();
      for (let index = 0; index < CAPTURES; index++) pumps.push(new Pump(`right${index}`, lab.path('right')));
      const openMs = (performance.now() - begin) / CAPTURES;
      const memory = (residentBytes() - before) / MIB;
      const largeBegin = performance.now();
      const fd = openPacketSocket();
      attachFilter(fd, keepEverything(256));
      const large = takeHere(openRing(fd, LARGE, LINK_TYPE.ethernet, false, false));
      const largeMs = performance.now() - largeBegin;
      large.close();
      sys.close(fd);
      return [
        lessIsBetter('captures-many/memory', memory, 'MiB', (CAPTURES * LARGE.blocks * LARGE.blockBytes) / MIB),
        lessIsBetter('captures-many/open', openMs, 'ms', largeMs),
      ];
    } finally {
      for (const pump of pumps) pump.close();
      lab.close();
    }
  },
};
