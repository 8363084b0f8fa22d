import type { RouteHop } from '../../linux/netlink/route.js';

/** Routes that lead nowhere are shown at the loopback, where the kernel itself puts those of IPv6; its index is fixed. */
export const LOOPBACK = 1;

/** Ways that are shared at most; with more of them sharing begins anew. */
const MOST_WAYS = 4_096;

/** One next hop as a row shows it. Keys without a value are left out. */
export interface Hop {
  readonly Priority: number;
  readonly IP?: string;
  readonly IfIndex: number;
  readonly Weight?: number;
}

/** The next hops of a route, and the links that it leaves through. */
export interface Way {
  readonly hops: readonly Hop[];
  readonly links: readonly number[];
}

/** One object for all routes that go the same way: a hundred thousand of them mostly leave through a few gateways. */
export class SharedWays {
  private readonly known = new Map<string, Way>();

  of(hops: readonly RouteHop[], priority: number): Way {
    let name = String(priority);
    for (const { ifIndex, gateway = '', weight } of hops) name += ` ${gateway}@${ifIndex}*${weight}`;
    let way = this.known.get(name);
    if (way !== undefined) return way;
    const shown = hops.map((hop) => asRow(hop, priority));
    way = { hops: shown, links: linksOf(shown) };
    if (this.known.size >= MOST_WAYS) this.known.clear();
    this.known.set(name, way);
    return way;
  }
}

function asRow({ ifIndex, gateway, weight }: RouteHop, priority: number): Hop {
  const hop = gateway === undefined ? { Priority: priority, IfIndex: ifIndex } : { Priority: priority, IP: gateway, IfIndex: ifIndex };
  return weight === 1 ? hop : { ...hop, Weight: weight };
}

/** The links that next hops lead through; the loopback for those that lead nowhere. */
export function linksOf(hops: readonly Hop[]): readonly number[] {
  if (hops.length === 0) return [LOOPBACK];
  return [...new Set(hops.map(({ IfIndex }) => IfIndex || LOOPBACK))];
}
