import type { Position } from '../../graph/position.js';
import type { TopologyEvent } from '../../services/live/events.js';
import type { TopologyFeed } from '../../services/live/topologyFeed.js';
import type { TopologyReading } from '../../services/live/topologyReading.js';
import { EVENTS_AHEAD, WRITES_PER_TURN } from './defaults.js';
import type { Group, GroupOptions } from './group.js';
import { Ring } from './ring.js';
import { SharedSnapshot } from './sharedSnapshot.js';
import type { Subscriber } from './subscriber.js';

/** A subscriber that lives on the ring: the number of its next event, and how far it has got. */
interface Member {
  readonly subscriber: Subscriber;
  index: number;
  position: Position;
  /** Its socket is full; it goes on by itself when that has drained. */
  isWaiting: boolean;
}

/**
 * Subscribers of one stream of the log. The group reads the log once, turns each event into bytes once, and keeps the latest in a ring;
 * a subscriber is a number in it. Who joins, resumes or has fallen off the ring reads the log alone until it stands where an event ends.
 */
export class LogGroup implements Group {
  readonly #members = new Map<Subscriber, Member>();
  /** Those who read alone at the moment. */
  readonly #alone = new Set<Subscriber>();
  readonly #snapshot: SharedSnapshot;
  #moved: (() => void)[] = [];
  #reading: TopologyReading;
  #ring: Ring;
  #closed = false;
  #isDelivering = false;
  /** Number up to which everybody who could take it has been written to. */
  #delivered = 0;

  constructor(
    private readonly feed: TopologyFeed,
    private readonly options: GroupOptions,
  ) {
    this.#snapshot = new SharedSnapshot(feed, options);
    this.#reading = feed.read();
    this.#reading.beginSilently();
    this.#ring = new Ring(this.#reading.position);
    void this.#follow();
  }

  get size(): number {
    return this.#members.size + this.#alone.size;
  }

  get lag(): number {
    let lag = 0;
    for (const { index } of this.#members.values()) lag = Math.max(lag, this.#ring.next - index);
    return lag;
  }

  get bytes(): number {
    return this.#ring.bytes + this.#snapshot.bytes;
  }

  /** `feed` carries where this subscriber wants to start; apart from that it asks for what the group's asks for. */
  join(subscriber: Subscriber, feed: TopologyFeed): void {
    this.#alone.add(subscriber);
    this.#catchUp(subscriber, () => this.#start(subscriber, feed));
  }

  leave(subscriber: Subscriber): void {
    const wasHere = this.#members.delete(subscriber) || this.#alone.delete(subscriber);
    subscriber.end();
    if (wasHere && this.size === 0) this.close();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reading.close();
    for (const subscriber of [...this.#members.keys(), ...this.#alone]) subscriber.end();
    this.#members.clear();
    this.#alone.clear();
    this.#tellMoved();
    this.options.onClose();
  }

  /** The group's own reading: one event, one execution, one piece of bytes. */
  async #follow(): Promise<void> {
    try {
      while (!this.#closed) {
        const reading = this.#reading;
        for await (const event of reading.follow()) {
          if (event.kind !== 'changes') break; // too much has happened to tell it one by one: each goes on alone from where it is
          const { eventStart } = reading;
          const payload = await this.options.serialize(event);
          if (this.#closed) return;
          this.#ring.push({ start: eventStart, end: event.position, payload });
          this.options.counters.events += 1;
          this.#deliver();
          while (this.#ring.next - this.#delivered > EVENTS_AHEAD && !this.#closed) await this.#nextMove();
        }
        if (!this.#closed) this.#startAnew();
      }
    } catch (error) {
      for (const subscriber of [...this.#members.keys(), ...this.#alone]) subscriber.fail(error);
      this.close();
    }
  }

  #startAnew(): void {
    this.#reading.close();
    this.#reading = this.feed.read();
    this.#reading.beginSilently();
    this.#ring = new Ring(this.#reading.position);
    this.#delivered = 0;
    for (const member of [...this.#members.values()]) this.#goAlone(member);
    this.#tellMoved();
  }

  /**
   * Starts writing to everybody, unless it is going on already. While it does, the group reads on, so that under load several events go
   * out in one write.
   */
  #deliver(): void {
    if (!this.#isDelivering) void this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    this.#isDelivering = true;
    while (this.#delivered < this.#ring.next && !this.#closed) {
      const next = this.#ring.next;
      let written = 0;
      for (const member of this.#members.values()) {
        if (!member.isWaiting) this.#write(member);
        if (++written % WRITES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      this.#delivered = next;
      this.#tellMoved();
      if (next < this.#ring.next) await new Promise((resolve) => setImmediate(resolve));
    }
    // In the same turn as the look at the ring: what is pushed afterwards starts it again.
    this.#isDelivering = false;
  }

  /** Writes what the ring has for the member, as far as its socket takes it. */
  #write(member: Member): void {
    const { subscriber } = member;
    const { wire } = subscriber;
    member.isWaiting = false;
    if (member.index < this.#ring.first) {
      this.options.counters.fellOff += 1;
      this.#goAlone(member);
      return;
    }
    const many = this.#ring.next - member.index > 1;
    if (many) wire.cork();
    for (let event = this.#ring.get(member.index); event !== undefined; event = this.#ring.get(member.index)) {
      if (wire.isClogged) {
        member.isWaiting = true;
        wire.onDrained(() => this.#members.get(subscriber) === member && this.#write(member));
        break;
      }
      subscriber.write(event.payload);
      member.index += 1;
      member.position = event.end;
    }
    if (many) wire.uncork();
  }

  #goAlone({ subscriber, position }: Member): void {
    this.#members.delete(subscriber);
    this.#alone.add(subscriber);
    this.#catchUp(subscriber, () => Promise.resolve(position));
  }

  #catchUp(subscriber: Subscriber, start: () => Promise<Position | undefined>): void {
    this.#readAlone(subscriber, start).catch((error: unknown) => {
      this.#alone.delete(subscriber);
      subscriber.fail(error);
      if (this.size === 0) this.close();
    });
  }

  /** Tells what a subscriber gets first; where it stands afterwards, `undefined` when that was all. */
  async #start(subscriber: Subscriber, feed: TopologyFeed): Promise<Position | undefined> {
    const refusal = feed.refusal();
    if (refusal !== undefined) {
      this.options.counters.resyncs += 1;
      await this.#tell(subscriber, refusal);
      return undefined;
    }
    if (feed.after !== undefined) return feed.after;
    const shared = await this.#snapshot.get();
    if (shared !== undefined) {
      for (const page of shared.pages) {
        await subscriber.wire.untilDrained();
        subscriber.write(page);
      }
      return shared.position;
    }
    const reading = feed.read();
    for await (const page of reading.begin(undefined)) {
      await this.#tell(subscriber, page);
      if (subscriber.isOver) break;
    }
    return reading.position;
  }

  /** Reads the log for one subscriber until it stands at an event of the ring. */
  async #readAlone(subscriber: Subscriber, start: () => Promise<Position | undefined>): Promise<void> {
    let position = await start();
    let reading: TopologyReading | undefined;
    while (position !== undefined && !subscriber.isOver && !this.#closed) {
      const place = this.#ring.placeOf(position, this.#reached);
      if (place.kind === 'at') {
        this.#alone.delete(subscriber);
        const member = { subscriber, index: place.index, position, isWaiting: false };
        this.#members.set(subscriber, member);
        this.#write(member);
        return;
      }
      if (place.kind === 'ahead') {
        await this.#nextMove();
        continue;
      }
      if (reading === undefined) {
        reading = this.feed.read();
        await reading.resume(position);
      }
      for await (const event of reading.advance(place.target)) {
        if (event.kind === 'lost') this.options.counters.lostChanges += event.count;
        await this.#tell(subscriber, event);
        if (subscriber.isOver) return;
      }
      ({ position } = reading);
    }
    // Told all there is to tell, or gone meanwhile.
    this.leave(subscriber);
  }

  async #tell(subscriber: Subscriber, event: TopologyEvent): Promise<void> {
    const payload = await this.options.serialize(event);
    await subscriber.wire.untilDrained();
    if (!subscriber.isOver) subscriber.write(payload);
  }

  /** How far the group has got; an event that is being turned into bytes is not yet behind it. */
  get #reached(): Position {
    const { given } = this.#reading;
    const { end } = this.#ring;
    return end.seq > given.seq ? end : given;
  }

  /** Resolves when the ring has grown and been written out, or has been closed. */
  #nextMove(): Promise<void> {
    return new Promise((resolve) => this.#moved.push(resolve));
  }

  #tellMoved(): void {
    const moved = this.#moved;
    this.#moved = [];
    for (const resolve of moved) resolve();
  }
}
