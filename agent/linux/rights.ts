import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { LINUX, SIZE } from './abi.js';
import { CAPABILITY_BITS, type Capability } from './capabilities.js';
import { check, raw, sys } from './syscall.js';

/** What became of the rights of this thread, and so of every thread and program that it starts from now on. */
export interface DroppedRights {
  /** How many capabilities it had and has no more. */
  readonly dropped: number;
  readonly kept: readonly Capability[];
  /** Whether no program that it starts can have more either; without SETPCAP only `no_new_privs` sees to that. */
  readonly isBounded: boolean;
}

/**
 * Gives up, for good, every capability but those to keep, and the way to get more by starting a program (`no_new_privs`, bounding set,
 * ambient and inheritable sets). Rights belong to a thread: to be called on the main thread, before the first other one is started.
 * See capabilities(7). Throws `SYSTEM_CALL`.
 */
export function dropRights(keep: ReadonlySet<Capability>): DroppedRights {
  sys.prctl(LINUX.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // Kernels before 4.3 have no ambient set.
  raw.prctl(LINUX.PR_CAP_AMBIENT, LINUX.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  const kept = [...keep].reduce((mask, name) => mask | (1n << BigInt(CAPABILITY_BITS[name])), 0n);
  // While SETPCAP is still there.
  const isBounded = bound(kept);
  const permitted = maskOf('CapPrm');
  const effective = maskOf('CapEff') & kept;
  setCapabilities(effective, permitted & kept);
  return { dropped: countOf(permitted & ~kept), kept: [...keep].filter((name) => has(effective, CAPABILITY_BITS[name])), isBounded };
}

/** Takes everything else out of the bounding set; `false` when that is not allowed. */
function bound(kept: bigint): boolean {
  for (let bit = 0; ; bit++) {
    const isIn = raw.prctl(LINUX.PR_CAPBSET_READ, bit, 0, 0, 0);
    // Past the last capability that this kernel knows.
    if (isIn < 0) return true;
    if (isIn === 0 || has(kept, bit)) continue;
    const result = raw.prctl(LINUX.PR_CAPBSET_DROP, bit, 0, 0, 0);
    if (result === -constants.errno.EPERM) return false;
    check('prctl', result, [LINUX.PR_CAPBSET_DROP, bit]);
  }
}

function setCapabilities(effective: bigint, permitted: bigint): void {
  const header = Buffer.alloc(SIZE['struct __user_cap_header_struct']);
  header.writeUInt32LE(LINUX._LINUX_CAPABILITY_VERSION_3, 0);
  const half = SIZE['struct __user_cap_data_struct'];
  // Two structs of effective, permitted, inheritable: the lower and the upper 32 bits.
  const data = Buffer.alloc(half * 2);
  for (const [index, shift] of [0n, 32n].entries()) {
    data.writeUInt32LE(Number((effective >> shift) & 0xffff_ffffn), index * half);
    data.writeUInt32LE(Number((permitted >> shift) & 0xffff_ffffn), index * half + 4);
  }
  sys.capset(header, data);
}

const maskOf = (name: string): bigint =>
  BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(readFileSync('/proc/thread-self/status', 'utf8'))?.[1] ?? '0'}`);

const has = (mask: bigint, bit: number): boolean => ((mask >> BigInt(bit)) & 1n) === 1n;

const countOf = (mask: bigint): number => [...mask.toString(2)].filter((digit) => digit === '1').length;
