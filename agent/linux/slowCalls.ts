import { PACKET } from './packetAbi.js';
import { callAside, check, raw, type Argument } from './syscall.js';

/**
 * System calls that wait for the kernel: until no processor is inside what is being changed (some 20 ms), or for memory (some 3 ms for a MiB of ring). A thread that
 * reads rings loses packets meanwhile.
 */

/** An option of a socket that takes long to set, or the closing of one. */
export type SlowCall =
  | {
      readonly call: 'setsockopt';
      readonly args: readonly [fd: number, level: number, option: number, value: Buffer, bytes: number];
      /** What the value points to: it has to stay as long as the call takes. */
      readonly pointedTo: Buffer | undefined;
    }
  | { readonly call: 'close'; readonly args: readonly [fd: number] };

/**
 * Work with slow calls in it: each is yielded, and has returned when the work goes on; what the kernel says against it is thrown there. What has to be undone stands in
 * a `finally`, which must not yield.
 */
export type Steps<Result> = Generator<SlowCall, Result, void>;

/** Who takes steps in such a way that the thread goes on meanwhile. */
export interface Aside {
  /** `ended` is called with what the steps threw, if anything. Answers what calls them off: they end with the call under way, without `ended`. */
  take(steps: Steps<void>, ended: (error: unknown) => void): () => void;
}

/** Sets an option of packet sockets, whose value may point to other memory. */
export function* setSlowly(fd: number, option: number, value: Buffer, pointedTo?: Buffer): Steps<void> {
  yield { call: 'setsockopt', args: [fd, PACKET.SOL_PACKET, option, value, value.length], pointedTo };
}

export function* closeSlowly(fd: number): Steps<void> {
  yield { call: 'close', args: [fd] };
}

/** Takes all steps here and now. Throws what they throw. */
export function takeHere<Result>(steps: Steps<Result>): Result {
  for (let step = steps.next(); ;) {
    if (step.done === true) return step.value;
    step = goOn(steps, step.value, raw[step.value.call](...(step.value.args as readonly Argument[])));
  }
}

/** `Aside` for who has time, and has it done before `take` returns. */
export const here: Aside = {
  take(steps, ended) {
    try {
      takeHere(steps);
    } catch (error) {
      ended(error);
      return () => undefined;
    }
    ended(undefined);
    return () => undefined;
  },
};

/** Takes steps whose calls are made in threads of the process, several at a time. */
export class OtherThreads implements Aside {
  private underWay = 0;

  /** Whether calls are under way: what they answer comes over the event loop of this thread, which has to be returned to. */
  get isBusy(): boolean {
    return this.underWay > 0;
  }

  take(steps: Steps<void>, ended: (error: unknown) => void): () => void {
    let isWanted = true;
    const proceed = (next: () => IteratorResult<SlowCall, void>): void => {
      let step;
      try {
        step = next();
      } catch (error) {
        return ended(error);
      }
      if (step.done === true) return ended(undefined);
      const made = step.value;
      this.underWay++;
      callAside[made.call](made.args as readonly Argument[], (result) => {
        this.underWay--;
        proceed(() => (isWanted ? goOn(steps, made, result) : steps.return()));
      });
    };
    proceed(() => steps.next());
    return () => {
      isWanted = false;
      ended = () => undefined;
    };
  }
}

function goOn<Result>(steps: Steps<Result>, { call, args }: SlowCall, result: number): IteratorResult<SlowCall, Result> {
  try {
    check(call, result, args as readonly Argument[]);
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next();
}
