import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type * as Koffi from 'koffi';
import { CanopyError } from '../../src/common/errors.js';
import { LINUX, machineAbi } from './abi.js';

/** Result of a call that returns a pointer and failed, `(void *) -1`. */
const MAP_FAILED = 2n ** 64n - 1n;

let koffi: typeof Koffi;
let libc: ReturnType<typeof Koffi.load> | undefined;

/** Loads what reaches the C library; done by the first call, or before it by who wants to know whether it can be. Throws what the loader says. */
export function loadLibrary(): NonNullable<typeof libc> {
  koffi ??= createRequire(import.meta.url)('koffi') as typeof Koffi;
  return (libc ??= koffi.load(null));
}

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** `ENOENT` for 2; `errno 1234` for a number without a name. */
export const errnoName = (errno: number): string => NAMES.get(errno) ?? `errno ${errno}`;

/** What a system call takes here: numbers, and memory that stays in place during the call. */
export type Argument = number | Buffer;

/** A call that answers its result, or the negative errno. Interrupted calls are repeated. */
export type RawCall = (...args: Argument[]) => number;

/** Binds a function of the C library. `result` is `int`, or `intptr_t` where the result is a size or a pointer. */
function bind(name: string, result: 'int' | 'intptr_t', parameters: readonly string[]): RawCall {
  let native: ((...args: Argument[]) => number | bigint) | undefined;
  return (...args) => {
    native ??= loadLibrary().func(name, result, [...parameters]) as (...args: Argument[]) => number | bigint;
    for (;;) {
      const value = native(...args);
      // Nothing may come between: any other call, even a failing one inside Node, overwrites errno.
      const errno = koffi.errno();
      if (Number(value) !== -1 && value !== MAP_FAILED) return Number(value);
      if (errno !== constants.errno.EINTR) return -errno;
    }
  };
}

/** The same in another thread of the process. Answers the result over the event loop. */
function bindAside(name: string, result: 'int', parameters: readonly string[]) {
  type Native = ((...args: Argument[]) => number) & { async(...args: unknown[]): void };
  let native: Native | undefined;
  return (args: readonly Argument[], answer: (result: number) => void): void => {
    native ??= loadLibrary().func(name, result, [...parameters]) as Native;
    const call = native;
    call.async(...args, (error: unknown, value: number) => {
      if (error === null && value !== -1) return answer(value);
      // Its errno stayed in that thread.
      const again = name === 'close' ? 0 : call(...args);
      answer(again === -1 ? -koffi.errno() : again);
    });
  };
}

/** Numbers as they are, memory as its length: arguments for a message, without content. */
const describe = (args: readonly Argument[]): string =>
  args.map((arg) => (typeof arg === 'number' ? String(arg) : `<${arg.length} bytes>`)).join(', ');

/** Throws `SYSTEM_CALL` for a negative errno, passes everything else. */
export function check(call: string, result: number, args: readonly Argument[] = []): number {
  if (result >= 0) return result;
  const errno = errnoName(-result);
  throw new CanopyError('SYSTEM_CALL', `${call}(${describe(args)}) failed: ${errno}`, {
    details: { call, errno, arguments: describe(args) },
  });
}

/** Whether the error came from a system call, with this errno. */
export const isErrno = (error: unknown, name: string): boolean =>
  error instanceof CanopyError && error.code === 'SYSTEM_CALL' && error.details.errno === name;

const checked =
  (name: string, raw: RawCall): RawCall =>
  (...args) =>
    check(name, raw(...args), args);

/** `pidfd_open` by its number, for C libraries without a function for it. */
function pidfdOpen(): RawCall {
  const call = bind('syscall', 'intptr_t', ['long', 'int', 'unsigned int']);
  return (pid, flags) => call(LINUX.SYS_pidfd_open, pid!, flags!);
}

/** `bpf` by its number: C libraries have no function for it. */
function bpf(): RawCall {
  let call: RawCall | undefined;
  return (command, attributes, size) => {
    call ??= bind('syscall', 'intptr_t', ['long', 'int', 'void *', 'unsigned int']);
    return call(machineAbi().sysBpf, command!, attributes!, size!);
  };
}

const rawSetsockopt = bind('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']);
const rawClose = bind('close', 'int', ['int']);
const rawGetsockopt = bind('getsockopt', 'int', ['int', 'int', 'int', 'void *', 'void *']);

/** Calls that answer a negative errno instead of throwing, for loops in which an error is an everyday answer. */
export const raw = {
  recv: bind('recv', 'intptr_t', ['int', 'void *', 'size_t', 'int']),
  epollWait: bind('epoll_wait', 'int', ['int', 'void *', 'int', 'int']),
  bind: bind('bind', 'int', ['int', 'void *', 'uint32_t']),
  setns: bind('setns', 'int', ['int', 'int']),
  ioctl: bind('ioctl', 'int', ['int', 'unsigned long', 'void *']),
  setsockopt: rawSetsockopt,
  prctl: bind('prctl', 'int', ['int', 'unsigned long', 'unsigned long', 'unsigned long', 'unsigned long']),
  pidfdOpen: pidfdOpen(),
  getsockopt: rawGetsockopt,
  send: bind('send', 'intptr_t', ['int', 'void *', 'size_t', 'int']),
  recvfrom: bind('recvfrom', 'intptr_t', ['int', 'void *', 'size_t', 'int', 'void *', 'void *']),
  accept: bind('accept4', 'int', ['int', 'void *', 'void *', 'int']),
  bpf: bpf(),
  madvise: bind('madvise', 'int', ['intptr_t', 'size_t', 'int']),
  close: rawClose,
} as const;

/** Calls that wait for the kernel long. */
export const callAside = {
  setsockopt: bindAside('setsockopt', 'int', ['int', 'int', 'int', 'void *', 'uint32_t']),
  close: bindAside('close', 'int', ['int']),
} as const;

/** Calls that throw `SYSTEM_CALL` with the call, the name of the errno and the arguments. */
export const sys = {
  socket: checked('socket', bind('socket', 'int', ['int', 'int', 'int'])),
  bind: checked('bind', raw.bind),
  send: checked('send', raw.send),
  setns: checked('setns', raw.setns),
  epollCreate: checked('epoll_create1', bind('epoll_create1', 'int', ['int'])),
  epollCtl: checked('epoll_ctl', bind('epoll_ctl', 'int', ['int', 'int', 'int', 'void *'])),
  eventfd: checked('eventfd', bind('eventfd', 'int', ['unsigned int', 'int'])),
  read: checked('read', bind('read', 'intptr_t', ['int', 'void *', 'size_t'])),
  write: checked('write', bind('write', 'intptr_t', ['int', 'void *', 'size_t'])),
  prctl: checked('prctl', raw.prctl),
  capset: checked('capset', bind('capset', 'int', ['void *', 'void *'])),
  close: checked('close', rawClose),
  ioctl: checked('ioctl', raw.ioctl),
  listen: checked('listen', bind('listen', 'int', ['int', 'int'])),
  getsockname: checked('getsockname', bind('getsockname', 'int', ['int', 'void *', 'void *'])),
  connect: checked('connect', bind('connect', 'int', ['int', 'void *', 'uint32_t'])),
  mmap: checked('mmap', bind('mmap', 'intptr_t', ['intptr_t', 'size_t', 'int', 'int', 'int', 'long'])),
  bpf: checked('bpf', raw.bpf),
} as const;

/** Sets an option whose value is an `int`. */
export function setSocketOption(fd: number, level: number, option: number, value: number): void {
  const memory = Buffer.alloc(4);
  memory.writeInt32LE(value);
  check('setsockopt', rawSetsockopt(fd, level, option, memory, 4), [fd, level, option, value]);
}

/** Sets an option whose value is a struct. */
export function setSocketOptionBytes(fd: number, level: number, option: number, value: Buffer): void {
  check('setsockopt', rawSetsockopt(fd, level, option, value, value.length), [fd, level, option, value]);
}

/** Reads an option whose value is a struct of this many bytes. */
export function getSocketOptionBytes(fd: number, level: number, option: number, bytes: number): Buffer {
  const value = Buffer.alloc(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes);
  check('getsockopt', rawGetsockopt(fd, level, option, value, length), [fd, level, option]);
  return value;
}

/** Reads an option whose value is a 64-bit number. */
export function getSocketOption64(fd: number, level: number, option: number): bigint {
  const value = Buffer.alloc(8);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(8);
  check('getsockopt', rawGetsockopt(fd, level, option, value, length), [fd, level, option]);
  return value.readBigUInt64LE();
}

/** Where memory lies, for a struct that points to it. The memory must outlive the call that follows the pointer. */
export function addressOf(memory: Buffer): bigint {
  loadLibrary();
  return BigInt(koffi.address(memory) as bigint | number);
}

/** Memory of the kernel that was mapped here, as one view. Reading it after it was unmapped ends the process: see ring.ts. */
export const memoryAt = (address: number, bytes: number): ArrayBuffer => koffi.view(BigInt(address), bytes);

/** A library of C functions; throws what the loader says when it is not there. */
export function openLibrary(name: string): ReturnType<typeof Koffi.load> {
  loadLibrary();
  return koffi.load(name);
}
