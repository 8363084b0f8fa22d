import { constants } from 'node:os';
import { CanopyError } from '../../src/common/errors.js';
import { PACKET, PACKET_OFFSET, PACKET_SIZE } from './packetAbi.js';
import { addressOf, check, errnoName, raw, sys } from './syscall.js';

/** Programs and maps of the kernel's virtual machine, by the call bpf(2). */

/** A map as the program declares it. */
export interface KernelMap {
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly entries: number;
  readonly flags: number;
}

/** A compiled program with its maps, as it is kept in the source tree. */
export interface KernelProgram {
  /** Version of clang. */
  readonly compiler: string;
  /** Eight bytes each, base64. */
  readonly instructions: string;
  readonly maps: readonly KernelMap[];
  /** Instructions that load the address of a map. */
  readonly relocations: readonly { readonly instruction: number; readonly map: string }[];
}

/** A loaded program and its maps, all closed by whoever has them. */
export interface LoadedProgram {
  readonly fd: number;
  readonly maps: Readonly<Record<string, KernelMap & { readonly fd: number }>>;
}

const ATTR = PACKET_OFFSET['union bpf_attr'];
/** Bytes given of the union: past those that any of the commands here reads. */
const ATTR_BYTES = 72;
const LOG_BYTES = 256 * 1024;
/** The register that takes the map, and what stands in its upper half: the kind of number that follows. */
const SOURCE_REGISTER_SHIFT = 4;
const LICENSE = 'Apache-2.0';

/**
 * Makes the maps and loads the program, behind instructions that may end it before it begins (`toExtended`). Throws `UNAVAILABLE` with what the verifier
 * said last.
 */
export function loadProgram(program: KernelProgram, before: Buffer = Buffer.alloc(0)): LoadedProgram {
  const maps: Record<string, KernelMap & { readonly fd: number }> = {};
  try {
    for (const map of program.maps) {
      const { name, type, keySize, valueSize, entries, flags } = map;
      const attributes = Buffer.alloc(ATTR_BYTES);
      attributes.writeUInt32LE(type, ATTR.map_type);
      attributes.writeUInt32LE(keySize, ATTR.key_size);
      attributes.writeUInt32LE(valueSize, ATTR.value_size);
      attributes.writeUInt32LE(entries, ATTR.max_entries);
      attributes.writeUInt32LE(flags, ATTR.map_flags);
      maps[name] = { ...map, fd: sys.bpf(PACKET.BPF_MAP_CREATE, attributes, attributes.length) };
    }
    const instructions = Buffer.from(program.instructions, 'base64');
    for (const { instruction, map } of program.relocations) {
      const at = instruction * PACKET_SIZE['struct bpf_insn'];
      instructions[at + 1] = (instructions[at + 1]! & 0x0f) | (PACKET.BPF_PSEUDO_MAP_FD << SOURCE_REGISTER_SHIFT);
      instructions.writeInt32LE(maps[map]!.fd, at + 4);
    }
    return { fd: load(Buffer.concat([before, instructions])), maps };
  } catch (error) {
    for (const { fd } of Object.values(maps)) sys.close(fd);
    throw error;
  }
}

function load(instructions: Buffer): number {
  const license = Buffer.from(`${LICENSE}\0`);
  const log = Buffer.alloc(LOG_BYTES);
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(PACKET.BPF_PROG_TYPE_SOCKET_FILTER, ATTR.prog_type);
  attributes.writeUInt32LE(instructions.length / PACKET_SIZE['struct bpf_insn'], ATTR.insn_cnt);
  attributes.writeBigUInt64LE(addressOf(instructions), ATTR.insns);
  attributes.writeBigUInt64LE(addressOf(license), ATTR.license);
  const fd = raw.bpf(PACKET.BPF_PROG_LOAD, attributes, attributes.length);
  if (fd >= 0) return fd;
  // Again with the verifier's log, which costs time.
  attributes.writeUInt32LE(1, ATTR.log_level);
  attributes.writeUInt32LE(log.length, ATTR.log_size);
  attributes.writeBigUInt64LE(addressOf(log), ATTR.log_buf);
  const again = raw.bpf(PACKET.BPF_PROG_LOAD, attributes, attributes.length);
  if (again >= 0) return again;
  const said = log
    .toString('latin1', 0, Math.max(0, log.indexOf(0)))
    .trim()
    .split('\n')
    .slice(-3)
    .join('; ');
  throw new CanopyError('UNAVAILABLE', `the kernel refuses the program (${errnoName(-fd)})${said === '' ? '' : `: ${said}`}`);
}

/** Reads one entry into `value`; `false` when there is none. */
export const readMapEntry = (fd: number, key: Buffer, value: Buffer): boolean => atEntry(PACKET.BPF_MAP_LOOKUP_ELEM, fd, key, value);

/** Writes one entry. */
export const writeMapEntry = (fd: number, key: Buffer, value: Buffer): void => void atEntry(PACKET.BPF_MAP_UPDATE_ELEM, fd, key, value);

function atEntry(command: number, fd: number, key: Buffer, value: Buffer): boolean {
  const attributes = Buffer.alloc(ATTR_BYTES);
  attributes.writeUInt32LE(fd, ATTR.map_fd);
  attributes.writeBigUInt64LE(addressOf(key), ATTR.key);
  attributes.writeBigUInt64LE(addressOf(value), ATTR.value);
  const result = raw.bpf(command, attributes, attributes.length);
  if (result === -constants.errno.ENOENT) return false;
  check('bpf', result, [command]);
  return true;
}
