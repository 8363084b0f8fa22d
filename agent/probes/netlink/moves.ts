import type { Cancel, Clock } from '../../../src/common/clock.js';
import type { Link } from './link.js';
import type { WatchedNamespace } from './watchedNamespace.js';

/** Milliseconds that a link that left for another namespace is waited for there. The kernel tells both sides at once; we may first have to find the other one. */
export const HOLD = 500;

interface Held {
  readonly link: Link;
  readonly from: WatchedNamespace;
  /** Where to, as the old namespace numbers them. */
  readonly nsId: number;
  readonly ifIndex: number;
  readonly cancel: Cancel;
}

/** Links that left one namespace and have not been seen in the other. */
export class Moves {
  private readonly held = new Map<number, Held[]>();

  constructor(
    private readonly clock: Clock,
    /** Which namespace a number of this one stands for. */
    private readonly resolve: (from: WatchedNamespace, nsId: number) => WatchedNamespace | undefined,
  ) {}

  /** Keeps the link for a while; `expired` is called when nobody took it. */
  hold(link: Link, from: WatchedNamespace, nsId: number, ifIndex: number, expired: () => void): void {
    const cancel = this.clock.after(HOLD, () => {
      this.drop(held);
      expired();
    });
    const held: Held = { link, from, nsId, ifIndex, cancel };
    const list = this.held.get(ifIndex);
    if (list === undefined) this.held.set(ifIndex, [held]);
    else list.push(held);
  }

  /** The link that is awaited in this namespace under this index. */
  take(to: WatchedNamespace, ifIndex: number, kind: string | undefined): Link | undefined {
    for (const held of this.held.get(ifIndex) ?? []) {
      if (held.link.message.info.kind !== kind || this.resolve(held.from, held.nsId) !== to) continue;
      held.cancel();
      this.drop(held);
      return held.link;
    }
    return undefined;
  }

  /** Lets go of the timers. */
  stop(): void {
    for (const { cancel } of [...this.held.values()].flat()) cancel();
    this.held.clear();
  }

  private drop(held: Held): void {
    const rest = (this.held.get(held.ifIndex) ?? []).filter((other) => other !== held);
    if (rest.length === 0) this.held.delete(held.ifIndex);
    else this.held.set(held.ifIndex, rest);
  }
}
