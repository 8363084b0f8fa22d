import { CanopyError } from '../../../src/common/errors.js';
import { LINUX } from '../abi.js';
import { check, errnoName, raw, sys } from '../syscall.js';
import { buildMessage, eachMessage, readS32, type Message } from './message.js';

/** Answers of a dump come in pieces of at most this many bytes (the kernel's own bound is 32 KiB). */
const RECEIVE_BYTES = 64 * 1024;

/** A dump during which things changed is asked for again, this many times at most; after that it is taken as it is: events follow. */
const DUMP_ATTEMPTS = 3;

/** Pieces that are read as they come lie here, each where the one before lay. Shared, because requests are synchronous: nobody else receives while one runs. */
const passing = Buffer.allocUnsafeSlow(RECEIVE_BYTES);

/** Bytes of pieces that are kept, one after the other, without copying: a full one is left to those who still read in it, and a new one begun. */
const MEMORY_BYTES = 8 * RECEIVE_BYTES;
let memory: Buffer | undefined;
let used = 0;

/** Room for one piece that is kept. */
function room(): Buffer {
  if (memory === undefined || memory.length - used < RECEIVE_BYTES) {
    memory = Buffer.allocUnsafeSlow(MEMORY_BYTES);
    used = 0;
  }
  return memory.subarray(used, used + RECEIVE_BYTES);
}

export interface Request {
  readonly type: number;
  readonly header: Buffer;
  readonly attributes?: readonly Buffer[];
}

/** Questions to the kernel over one socket, answered at once: netlink makes each piece of an answer while we receive it. */
export class RouteRequests {
  /** Answers that were cut, broken or belonged to no question. */
  malformed = 0;
  /** Dumps that were still interrupted at the last attempt. */
  interrupted = 0;
  private sequence = 0;

  constructor(
    readonly fd: number,
    /** For what went wrong. */
    private readonly protocol = 'rtnetlink',
  ) {}

  /**
   * What `read` makes of every message of a dump, without what is `undefined`. A message is overwritten by those that follow: nothing of its bytes may be
   * kept. Throws `SYSTEM_CALL` with what the kernel answered.
   */
  dump<Item>(request: Request, read: (message: Message) => Item | undefined): Item[] {
    for (let attempt = 1; ; attempt++) {
      const items: Item[] = [];
      const isConsistent = this.exchange(request, LINUX.NLM_F_DUMP, false, (message) => {
        const item = read(message);
        if (item !== undefined) items.push(item);
      });
      if (this.isTaken(isConsistent, attempt)) return items;
    }
  }

  /**
   * Calls `visit` for every message of a dump, once the dump is complete, and `discard` for those of a dump that was not; their bytes stay what they
   * are. Throws `SYSTEM_CALL` with what the kernel answered.
   */
  dumpKept(request: Request, visit: (message: Message) => void, discard: (message: Message) => void = () => undefined): void {
    for (let attempt = 1; ; attempt++) {
      const messages: Message[] = [];
      let isConsistent: boolean;
      try {
        isConsistent = this.exchange(request, LINUX.NLM_F_DUMP, true, (message) => messages.push(message));
      } catch (error) {
        messages.forEach(discard);
        throw error;
      }
      if (this.isTaken(isConsistent, attempt)) return messages.forEach(visit);
      messages.forEach(discard);
    }
  }

  /** The one message that answers a question about one thing; `undefined` when there is no such thing. */
  get(request: Request): Message | undefined {
    let answer: Message | undefined;
    try {
      this.exchange(request, LINUX.NLM_F_ACK, true, (message) => (answer = message));
    } catch (error) {
      if (isNotThere(error)) return undefined;
      throw error;
    }
    return answer;
  }

  close(): void {
    sys.close(this.fd);
  }

  /** Whether an answer is taken as it is: a whole one, or the last of so many. */
  private isTaken(isConsistent: boolean, attempt: number): boolean {
    if (!isConsistent && attempt < DUMP_ATTEMPTS) return false;
    if (!isConsistent) this.interrupted++;
    return true;
  }

  /** Sends, and reads up to the closing message. `false` when the kernel says that the answer mixes two states. */
  private exchange(request: Request, flags: number, isKept: boolean, visit: (message: Message) => void): boolean {
    const sequence = (this.sequence = (this.sequence + 1) >>> 0);
    const message = buildMessage(request.type, LINUX.NLM_F_REQUEST | flags, sequence, request.header, request.attributes);
    sys.send(this.fd, message, message.length, 0);
    let isConsistent = true;
    let isDone = false;
    while (!isDone) {
      const piece = isKept ? room() : passing;
      const received = raw.recv(this.fd, piece, piece.length, LINUX.MSG_TRUNC | LINUX.MSG_DONTWAIT);
      // All of the answer is made while we ask for it: nothing to receive means that its end was lost.
      if (received < 0) check('recv', received, [this.fd]);
      if (received > piece.length) {
        this.malformed++;
        isConsistent = false;
      }
      const length = Math.min(received, piece.length);
      if (isKept) used += length;
      const isWhole = eachMessage(piece.subarray(0, length), (answer) => {
        if (answer.sequence !== sequence) return void this.malformed++;
        if ((answer.flags & LINUX.NLM_F_DUMP_INTR) !== 0) isConsistent = false;
        if (answer.type === LINUX.NLMSG_NOOP) return;
        if (answer.type !== LINUX.NLMSG_DONE && answer.type !== LINUX.NLMSG_ERROR) return visit(answer);
        isDone = true;
        refuse(this.protocol, request.type, readS32(answer.body, 0, answer.body.length) ?? 0);
      });
      if (!isWhole) this.malformed++;
    }
    return isConsistent;
  }
}

/** What the kernel says of a link or namespace that is not there any more. */
const NOT_THERE: ReadonlySet<string> = new Set(['ENODEV', 'ENOENT', 'ENXIO', 'EINVAL']);

/** Whether the kernel refused because what was asked about is gone. */
export const isNotThere = (error: unknown): boolean => error instanceof CanopyError && NOT_THERE.has(String(error.details.errno));

/** NLMSG_ERROR and NLMSG_DONE begin with a negative errno, or 0. */
function refuse(protocol: string, type: number, code: number): void {
  if (code >= 0) return;
  const errno = errnoName(-code);
  throw new CanopyError('SYSTEM_CALL', `${protocol} request ${type} failed: ${errno}`, { details: { call: `${protocol} ${type}`, errno } });
}
