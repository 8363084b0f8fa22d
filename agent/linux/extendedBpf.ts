import { CanopyError } from '../../src/common/errors.js';
import { PACKET_SIZE } from './packetAbi.js';

/**
 * Classic BPF, which libpcap makes of filters, to the instructions of the kernel's present machine (linux/filter.h, Documentation/bpf/classic_vs_extended.rst),
 * to stand before a program of the type `SOCKET_FILTER`: what the filter refuses ends there with 0, what it lets through comes to the program.
 */

const CLASS = { ld: 0x00, ldx: 0x01, st: 0x02, stx: 0x03, alu: 0x04, jmp: 0x05, ret: 0x06, misc: 0x07 } as const;
const MODE = { imm: 0x00, abs: 0x20, ind: 0x40, mem: 0x60, len: 0x80, msh: 0xa0 } as const;
const OPERATION = { div: 0x30, neg: 0x80, mod: 0x90, ja: 0x00, jeq: 0x10, jset: 0x40 } as const;
const BYTE = 0x10;
/** The second operand is a register. */
const BY_REGISTER = 0x08;
const RETURN_A = 0x10;
const TXA = 0x80;
/** `SKF_AD_OFF`: offsets from here on are no bytes of the packet but what the kernel knows of it. */
const ANCILLARY = 0xffff_f000;

/** What the kernel knows of a packet, by its classic offset: where it stands in `struct __sk_buff`, and whether its bytes are those of the wire. */
const KNOWN: Readonly<Record<number, { readonly field: number; readonly isWireOrder?: boolean }>> = {
  0: { field: 16, isWireOrder: true }, // SKF_AD_PROTOCOL
  4: { field: 4 }, // SKF_AD_PKTTYPE
  8: { field: 40 }, // SKF_AD_IFINDEX
  20: { field: 8 }, // SKF_AD_MARK
  24: { field: 12 }, // SKF_AD_QUEUE
  44: { field: 24 }, // SKF_AD_VLAN_TAG
  48: { field: 20 }, // SKF_AD_VLAN_TAG_PRESENT
  60: { field: 28, isWireOrder: true }, // SKF_AD_VLAN_TPID
};
const LENGTH_FIELD = 0;

/** Registers: loads of packet bytes answer in 0, take the packet from 6, and leave 6 to 9 as they were. */
const A = 0;
const ARGUMENT = 1;
const SCRATCH = 2;
const PACKET = 6;
const X = 7;
const KEPT = 8;
const FRAME = 10;

const ALU32 = 0x04;
const ALU64 = 0x07;
const MOVE = 0xb0;
const JUMP = 0x05;
const EXIT = 0x95;
const JNE = 0x50;
const LOAD_MEMORY = 0x61;
const STORE_MEMORY = 0x63;
const FROM_WIRE = 0xdc;
const LOAD_PACKET = 0x20;
const LOAD_PACKET_INDIRECT = 0x40;

interface Instruction {
  readonly code: number;
  readonly target?: number;
  readonly source?: number;
  readonly offset?: number;
  readonly value?: number;
  /** Instead of `offset`: the classic instruction to go to, or the end of it all. */
  readonly to?: number;
}

/** Where packets go that pass: behind the last instruction. */
const PASSED = -1;

/**
 * The filter as instructions that go on behind themselves, with the packet in register 1, for what it lets through. Throws `BAD_INPUT` for what classic BPF
 * does not have.
 */
export function toExtended(classic: Buffer): Buffer {
  const size = PACKET_SIZE['struct sock_filter'];
  const count = classic.length / size;
  const instructions: Instruction[] = [move64(PACKET, ARGUMENT), moveValue(A, 0), moveValue(X, 0)];
  const starts: number[] = [];
  for (let index = 0; index < count; index++) {
    starts.push(instructions.length);
    const at = index * size;
    instructions.push(
      ...translate(classic.readUInt16LE(at), classic[at + 2]!, classic[at + 3]!, classic.readUInt32LE(at + 4), index, count),
    );
  }
  const end = instructions.length;
  instructions.push(move64(ARGUMENT, PACKET));
  return encode(instructions, (to) => (to === PASSED ? end : starts[to]!));
}

function translate(code: number, ifTrue: number, ifFalse: number, k: number, index: number, count: number): Instruction[] {
  const bad = (what: string): never => {
    throw new CanopyError('BAD_INPUT', `instruction ${index} of the filter (0x${code.toString(16)}) ${what}`);
  };
  const goTo = (offset: number): number => (index + 1 + offset < count ? index + 1 + offset : bad('jumps out of it'));
  const slot = -4 * (k + 1);
  const mode = code & 0xe0;
  switch (code & 0x07) {
    case CLASS.ld:
      if (mode === MODE.imm) return [moveValue(A, k)];
      if (mode === MODE.mem) return [load(A, FRAME, slot)];
      if (mode === MODE.len) return [load(A, PACKET, LENGTH_FIELD)];
      if (mode === MODE.ind) return [{ code: LOAD_PACKET_INDIRECT | (code & 0x18), source: X, value: k }];
      if (mode !== MODE.abs) return bad('is none');
      if (k < ANCILLARY) return [{ code: LOAD_PACKET | (code & 0x18), value: k }];
      return loadKnown(k - ANCILLARY) ?? bad(`asks for something that only classic filters know`);
    case CLASS.ldx:
      if (mode === MODE.imm) return [moveValue(X, k)];
      if (mode === MODE.mem) return [load(X, FRAME, slot)];
      if (mode === MODE.len) return [load(X, PACKET, LENGTH_FIELD)];
      if (mode !== MODE.msh) return bad('is none');
      // The length of an IPv4 header, four times the lower half of a byte; A stays.
      return [
        move(KEPT, A),
        { code: LOAD_PACKET | BYTE, value: k },
        { code: ALU32 | 0x50, target: A, value: 0x0f },
        { code: ALU32 | 0x60, target: A, value: 2 },
        move(X, A),
        move(A, KEPT),
      ];
    case CLASS.st:
      return [{ code: STORE_MEMORY, target: FRAME, source: A, offset: slot }];
    case CLASS.stx:
      return [{ code: STORE_MEMORY, target: FRAME, source: X, offset: slot }];
    case CLASS.alu:
      return calculate(code, k);
    case CLASS.jmp: {
      const operation = code & 0xf0;
      if (operation === OPERATION.ja) return [{ code: JUMP, to: goTo(k) }];
      const isByRegister = (code & BY_REGISTER) !== 0;
      // Values are extended with their sign to 64 bits: large ones go through a register.
      const isLarge = !isByRegister && k > 0x7fff_ffff;
      return [
        ...(isLarge ? [moveValue(SCRATCH, k)] : []),
        {
          code: JUMP | operation | (isByRegister || isLarge ? BY_REGISTER : 0),
          target: A,
          ...(isByRegister ? { source: X } : isLarge ? { source: SCRATCH } : { value: k }),
          to: goTo(ifTrue),
        },
        { code: JUMP, to: goTo(ifFalse) },
      ];
    }
    case CLASS.ret:
      if ((code & 0x18) === RETURN_A) return [{ code: JUMP | JNE, target: A, value: 0, to: PASSED }, { code: EXIT }];
      return k === 0 ? [moveValue(A, 0), { code: EXIT }] : [{ code: JUMP, to: PASSED }];
    default:
      return [code & TXA ? move(A, X) : move(X, A)];
  }
}

function calculate(code: number, k: number): Instruction[] {
  const operation = code & 0xf0;
  if (operation === OPERATION.neg) return [{ code: ALU32 | OPERATION.neg, target: A }];
  if ((code & BY_REGISTER) === 0) return [{ code: ALU32 | operation, target: A, value: k }];
  const byX: Instruction = { code: ALU32 | BY_REGISTER | operation, target: A, source: X };
  if (operation !== OPERATION.div && operation !== OPERATION.mod) return [byX];
  // Classic programs end with 0 where they would divide by it.
  return [{ code: JUMP | JNE, target: X, value: 0, offset: 2 }, moveValue(A, 0), { code: EXIT }, byX];
}

function loadKnown(offset: number): Instruction[] | undefined {
  const known = KNOWN[offset];
  if (known === undefined) return undefined;
  return [load(A, PACKET, known.field), ...(known.isWireOrder === true ? [{ code: FROM_WIRE, target: A, value: 16 }] : [])];
}

const moveValue = (target: number, value: number): Instruction => ({ code: ALU32 | MOVE, target, value });
const move = (target: number, source: number): Instruction => ({ code: ALU32 | MOVE | BY_REGISTER, target, source });
const move64 = (target: number, source: number): Instruction => ({ code: ALU64 | MOVE | BY_REGISTER, target, source });
const load = (target: number, source: number, offset: number): Instruction => ({ code: LOAD_MEMORY, target, source, offset });

function encode(instructions: readonly Instruction[], startOf: (to: number) => number): Buffer {
  const size = PACKET_SIZE['struct bpf_insn'];
  const bytes = Buffer.alloc(instructions.length * size);
  for (const [index, { code, target = 0, source = 0, offset = 0, value = 0, to }] of instructions.entries()) {
    const at = index * size;
    bytes[at] = code;
    bytes[at + 1] = target | (source << 4);
    bytes.writeInt16LE(to === undefined ? offset : startOf(to) - index - 1, at + 2);
    bytes.writeInt32LE(value | 0, at + 4);
  }
  return bytes;
}
