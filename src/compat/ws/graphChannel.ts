import type { Log } from '../../common/log.js';
import type { LiveChange, TopologyEvent } from '../../services/live/events.js';
import type { Services } from '../../services/services.js';
import type { Viewer } from '../../services/viewer.js';
import type { CompatClient } from './client.js';
import { writeEnvelope, type ClientProtocol, type Outgoing } from './envelope.js';
import { changeMessage, GRAPH } from './graphMessages.js';

/** What clients of one channel have in common. */
export interface ChannelKind {
  readonly viewer: Viewer;
  /** Gremlin string; `undefined`: everything. */
  readonly filter: string | undefined;
  readonly updates: 'full' | 'partial';
}

interface Member {
  /** Up to here the client knows the graph from a picture. */
  after: number;
  /** A publisher does not hear its own words. */
  readonly ownOrigin: string | undefined;
}

/** A change, and what is written of it for each way of writing. */
interface Told {
  readonly change: LiveChange;
  readonly message: Outgoing;
  readonly frames: Partial<Record<ClientProtocol, Buffer>>;
}

/** Least milliseconds between two looks at the log. */
const EVERY_MS = 20;
const MOST_CHANGES = 1_000;
const TRY_AGAIN = 1013;

/** Clients that hear the same changes: the log is read once, and each message is written once for each way of writing. */
export class GraphChannel {
  readonly #members = new Map<CompatClient, Member>();
  readonly #events: AsyncIterator<TopologyEvent>;
  #isClosed = false;

  /** Throws `GREMLIN_SYNTAX`, `BAD_INPUT` for a filter that cannot select. */
  constructor(
    private readonly kind: ChannelKind,
    private readonly services: Services,
    private readonly log: Log,
    private readonly onEmpty: () => void,
  ) {
    const { viewer, filter } = kind;
    const scope = services.openScope(viewer);
    try {
      const feed = services.streams.topologyChanges(
        { viewer, scope },
        {
          filter: filter === undefined ? undefined : { gremlin: filter },
          after: scope.present().position,
          batch: { every: EVERY_MS, max: MOST_CHANGES },
        },
      );
      this.#events = feed[Symbol.asyncIterator]();
    } finally {
      scope.release();
    }
    void this.#follow();
  }

  join(client: CompatClient, ownOrigin: string | undefined): void {
    this.#members.set(client, { after: 0, ownOrigin });
  }

  /** The client has a picture of this moment: what is in it is not told again. */
  knows(client: CompatClient, seq: number): void {
    const member = this.#members.get(client);
    if (member !== undefined) member.after = seq;
  }

  leave(client: CompatClient): void {
    if (this.#members.delete(client) && this.#members.size === 0) this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#events.return?.();
    this.onEmpty();
  }

  async #follow(): Promise<void> {
    try {
      for (let next = await this.#events.next(); !next.done && !this.#isClosed; next = await this.#events.next()) {
        if (next.value.kind === 'changes') this.#tell(next.value.changes);
        // There is no message for it: who comes back asks for the picture.
        else this.#dismiss('too much happened to be told; come back and synchronize');
      }
    } catch (error) {
      this.log.warn({ filter: this.kind.filter, error: String(error) }, 'old clients could not be told what changed');
      this.#dismiss(`the filter cannot be followed: ${(error as Error).message}`);
    }
  }

  #tell(changes: readonly LiveChange[]): void {
    if (changes.length === 0) return;
    const scope = this.services.openScope(this.kind.viewer);
    try {
      const { graph } = scope.present();
      const ordered = this.kind.filter === undefined ? changes : inOldOrder(changes);
      const told = ordered.map((change): Told => ({ change, message: changeMessage(change, this.kind.updates, graph), frames: {} }));
      for (const [client, member] of this.#members) if (client.hears(GRAPH)) client.together(() => tellOne(client, member, told));
    } finally {
      scope.release();
    }
  }

  #dismiss(reason: string): void {
    for (const client of this.#members.keys()) client.close(TRY_AGAIN, reason);
    this.close();
  }
}

/** Places of what one change does to a part of the graph, as old clients hear it: what changed itself comes last. */
const PLACES: Readonly<Record<string, number>> = { 'ADDED node': 0, 'REMOVED node': 1, 'ADDED edge': 2, 'REMOVED edge': 3 };

/** What one change brought into the part of the graph and out of it; several changes stay in the order in which they were made. */
function inOldOrder(changes: readonly LiveChange[]): readonly LiveChange[] {
  const own = changes.filter(({ reason }) => reason !== 'STARTED_MATCHING' && reason !== 'STOPPED_MATCHING');
  if (own.length > 1) return changes;
  const placeOf = ({ op, element }: LiveChange): number => PLACES[`${op} ${element.kind}`] ?? 4;
  return changes.toSorted((a, b) => placeOf(a) - placeOf(b));
}

function tellOne(client: CompatClient, { after, ownOrigin }: Member, told: readonly Told[]): void {
  const { protocol } = client.greeting;
  for (const { change, message, frames } of told) {
    if (change.position.seq <= after || change.element.origin === ownOrigin) continue;
    client.sendFrame((frames[protocol] ??= writeEnvelope(message, protocol)));
  }
}

/** Channels by what they tell; one lives as long as somebody listens. */
export class GraphChannels {
  readonly #channels = new Map<string, GraphChannel>();

  constructor(
    private readonly services: Services,
    private readonly log: Log,
  ) {}

  /** Throws as `GraphChannel`. */
  open(kind: ChannelKind): GraphChannel {
    const key = JSON.stringify([kind.viewer.rights, kind.filter, kind.updates]);
    let channel = this.#channels.get(key);
    if (channel === undefined) {
      channel = new GraphChannel(kind, this.services, this.log, () => this.#channels.delete(key));
      this.#channels.set(key, channel);
    }
    return channel;
  }

  close(): void {
    for (const channel of [...this.#channels.values()]) channel.close();
  }
}
