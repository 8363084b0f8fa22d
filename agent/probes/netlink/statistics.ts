import type { Cancel, Clock } from '../../../src/common/clock.js';
import type { AgentConfig } from '../../../src/common/config/config.js';
import type { Json } from '../../../src/common/json.js';
import { readStatistics, type KnownNames, type Statistics } from '../../linux/statistics.js';
import type { GraphWriter } from '../kit/graphWriter.js';
import { hiddenWith, type Link } from './link.js';
import { linkType } from './names.js';

const STATISTICS = 'Statistics';

/** Counters of one link that are shown; an adapter with a hundred queues has thousands. */
export const MOST_SHOWN = 1_024;

/** Milliseconds that one turn of a round may take: drivers that ask their firmware take some for each link, and events must not wait. */
const TURN = 5;
/** Milliseconds between turns. */
const PAUSE = 10;

interface Known {
  readonly names: KnownNames;
  readonly values: readonly number[];
}

export interface LinkStatisticsOptions {
  readonly graph: GraphWriter;
  readonly clock: Clock;
  /** Of which links the driver is asked. */
  readonly which: AgentConfig['netlink']['statistics'];
  /** Every link that there is. */
  readonly links: () => Iterable<Link>;
  /** Whether all of its counters are shown is another answer now, or how many there are. */
  readonly truncated: (link: Link) => void;
}

/** What drivers count themselves, read in rounds, a few links at a turn. */
export class LinkStatistics {
  private readonly known = new WeakMap<Link, Known>();
  private cancelTurn: Cancel | undefined;

  constructor(private readonly options: LinkStatisticsOptions) {}

  /** Begins a round, unless one still goes on. */
  read(): void {
    const { which, links } = this.options;
    if (which === 'none' || this.cancelTurn !== undefined) return;
    const asked = [...links()].filter((link) => isAsked(link, which));
    if (asked.length > 0) this.turn(asked, 0);
  }

  stop(): void {
    this.cancelTurn?.();
  }

  private turn(links: readonly Link[], from: number): void {
    const { clock, graph } = this.options;
    const start = clock.monotonic();
    let next = from;
    graph.batch(() => {
      do this.readLink(links[next++]!);
      while (next < links.length && clock.monotonic() - start < TURN);
    });
    this.cancelTurn = next < links.length ? clock.after(PAUSE, () => this.turn(links, next)) : undefined;
  }

  private readLink(link: Link): void {
    // It went, or went elsewhere, since the round began.
    if (link.namespace.links.get(link.message.ifIndex) !== link) return;
    const before = this.known.get(link);
    const now = readStatistics(link.namespace.requests.fd, link.message.name, before?.names);
    if (now === undefined) return;
    this.known.set(link, { names: now.known, values: now.values });
    const changed = changesOf(now, before?.names === now.known ? before.values : undefined);
    if (changed.length > 0) this.options.graph.measure(link.id, changed);
    const hidden = now.names.length > MOST_SHOWN ? now.names.length : undefined;
    if (hidden === link.hidden[STATISTICS]) return;
    link.hidden = hiddenWith(link, STATISTICS, hidden);
    this.options.truncated(link);
  }
}

/**
 * What is worth writing, as values by path. At first what is not zero, then what changed: most counters of most adapters stay zero for ever.
 * A name with dots (`tx-0.bytes`) would be two: they become underscores.
 */
export function changesOf({ names, values }: Statistics, before: readonly number[] | undefined): [path: string, value: Json][] {
  const changed: [string, Json][] = [];
  const end = Math.min(names.length, MOST_SHOWN);
  for (let index = 0; index < end; index++) {
    const name = names[index]!;
    if (name !== '' && values[index] !== (before?.[index] ?? 0))
      changed.push([`${STATISTICS}.${name.replaceAll('.', '_')}`, values[index]!]);
  }
  return changed;
}

/** Devices of hardware, real or given by a hypervisor, sit on a bus; what software alone makes (veth, tun, bridges) sits nowhere. */
function isAsked({ driver, message }: Link, which: 'hardware' | 'all'): boolean {
  if (driver === undefined) return false;
  return which === 'all' || (linkType(message.info.kind, driver.driver) === 'device' && driver.busInfo !== '');
}
