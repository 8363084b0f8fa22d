import { constants } from 'node:fs';
import { access, open, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fail, ok, reasonOf, warn, type Check, type Finding } from './check.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
/** Free space below which a start is no use, and below which somebody should look, bytes. */
const NO_SPACE = 100 * MIB;
const LITTLE_SPACE = GIB;

/** Times that a page is written and synced, and how long the median may take: the wait of every acknowledgement, milliseconds. */
const SYNCS = 20;
const SLOW_SYNC = 20;

/** File systems by their magic number (linux/magic.h, and NFS, SMB, CIFS). */
const IN_MEMORY = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
]);
const OVER_NETWORK = new Map([
  [0x6969, 'NFS'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x517b, 'SMB'],
]);

/** The disk below the data folder: space, kind, and how fast it promises. */
export const checkDisk: Check = async ({ dataDir }) => {
  const folder = await nearestFolder(resolve(dataDir));
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    return [
      fail(
        'disk',
        `cannot write in ${folder}: ${reasonOf(error)}`,
        'Give the user of the analyzer the right to write there, or choose another --data-dir.',
      ),
    ];
  }
  const { bavail, bsize, type } = await statfs(folder);
  return [space(folder, bavail * bsize), ...kind(folder, type), await sync(folder)];
};

function space(folder: string, free: number): Finding {
  const says = `${(free / GIB).toFixed(1)} GiB free below ${folder}`;
  if (free < NO_SPACE) return fail('disk', says, 'Make room; without it changes are not acknowledged.');
  if (free < LITTLE_SPACE) return warn('disk', says, 'Make room, or keep less: history.retention, samples.retention.');
  return ok('disk', says);
}

function kind(folder: string, type: number): Finding[] {
  const memory = IN_MEMORY.get(type);
  if (memory !== undefined)
    return [
      warn(
        'file system',
        `${folder} is on ${memory}`,
        'What is kept there is gone after a restart of the machine; choose a --data-dir on a disk.',
      ),
    ];
  const network = OVER_NETWORK.get(type);
  if (network !== undefined)
    return [
      fail(
        'file system',
        `${folder} is on ${network}`,
        'The journal is a file mapped into memory, which needs a local disk; choose another --data-dir.',
      ),
    ];
  return [];
}

async function sync(folder: string): Promise<Finding> {
  const path = join(folder, `.canopy-doctor-${process.pid}`);
  try {
    const file = await open(path, 'w');
    try {
      const times: number[] = [];
      const page = Buffer.alloc(4096);
      for (let index = 0; index < SYNCS; index++) {
        const started = performance.now();
        await file.write(page, 0, page.length, index * page.length);
        await file.datasync();
        times.push(performance.now() - started);
      }
      times.sort((a, b) => a - b);
      const median = times[SYNCS / 2]!;
      const says = `a synced write takes ${median.toFixed(1)} ms (slowest ${times.at(-1)!.toFixed(1)} ms)`;
      return median > SLOW_SYNC
        ? warn('disk speed', says, 'Every acknowledgement waits for one; a faster disk makes agents and publishers faster.')
        : ok('disk speed', says);
    } finally {
      await file.close();
      await unlink(path);
    }
  } catch (error) {
    return fail(
      'disk speed',
      `cannot write and sync in ${folder}: ${reasonOf(error)}`,
      'Check the disk: `dmesg`, `df`, rights on the folder.',
    );
  }
}

/** The folder, or the nearest one above it that exists already. */
export async function nearestFolder(path: string): Promise<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere || path === dirname(path) ? path : nearestFolder(dirname(path));
}
