import type { ListedChange } from '../data/changesOf.js';

/** What a person calls one event: everything that came with it, or one thing that changes again and again. */
export interface ChangeGroup {
  /** Stays while the group grows at its newer end. */
  readonly key: string;
  /** The change that says best what happened. */
  readonly lead: ListedChange;
  /** All of them with the lead, newest first; at least one. */
  readonly changes: readonly ListedChange[];
  /** Whether it is the same things changing again and again. */
  readonly isRepeated: boolean;
}

/** Milliseconds between two changes of one source that belong together: starting a container takes its runtime and the kernel some of these. */
const TOGETHER_MS = 1_000;
/** Milliseconds that an event lasts at most: a source that never rests is not one event. */
const LONGEST_MS = 10_000;
/** Things that may change together and still be the same ones again. */
const MOST_REPEATING = 16;

/** Puts changes of one source that came together under one, and what changes again and again under one. Both lists are newest first. */
export function grouped(changes: readonly ListedChange[]): readonly ChangeGroup[] {
  const events: ListedChange[][] = [];
  const lastOf = new Map<string, ListedChange[]>();
  // From the oldest on, so that what comes new never cuts the events before it differently.
  for (let index = changes.length - 1; index >= 0; index--) {
    const change = changes[index]!;
    const { origin } = change.element;
    const last = lastOf.get(origin);
    const isNear =
      last !== undefined && timeOf(change) - timeOf(last.at(-1)!) <= TOGETHER_MS && timeOf(change) - timeOf(last[0]!) <= LONGEST_MS;
    if (isNear) last.push(change);
    else {
      const event = [change];
      lastOf.set(origin, event);
      events.push(event);
    }
  }
  return repeatsJoined(events)
    .map(groupOf)
    .sort((a, b) => timeOf(b.changes[0]!) - timeOf(a.changes[0]!));
}

/** Joins events that follow each other at one source and are only about the same things changing. */
function repeatsJoined(events: readonly (readonly ListedChange[])[]): readonly (readonly ListedChange[])[] {
  const joined: ListedChange[][] = [];
  const lastOf = new Map<string, { readonly event: ListedChange[]; readonly about: string | undefined }>();
  for (const event of events) {
    const { origin } = event[0]!.element;
    const about = aboutOf(event);
    const last = lastOf.get(origin);
    if (last !== undefined && about !== undefined && last.about === about) last.event.push(...event);
    else {
      const own = [...event];
      joined.push(own);
      lastOf.set(origin, { event: own, about });
    }
  }
  return joined;
}

/** Ids of what only changed in an event; `undefined` when something came or went, or it is too many things. */
function aboutOf(event: readonly ListedChange[]): string | undefined {
  const ids = new Set<string>();
  for (const { op, element } of event) {
    if (op !== 'UPDATED' || ids.size > MOST_REPEATING) return undefined;
    ids.add(element.id);
  }
  return [...ids].sort().join('\n');
}

function groupOf(event: readonly ListedChange[]): ChangeGroup {
  let lead = event.at(-1)!;
  let isRepeated = event.length > 1;
  for (const change of event) {
    if (weight(change) > weight(lead)) lead = change;
    if (change.op !== 'UPDATED' || change.element.id !== lead.element.id) isRepeated = false;
  }
  return { key: event[0]!.cursor, lead, changes: [...event].reverse(), isRepeated };
}

/** What names an event, from the most telling on; then other things, then links. What came or went says more than what changed. */
const TELLING = ['host', 'pod', 'container', 'netns', 'libvirt', 'ovsbridge', 'bridge'];

function weight({ element, op }: ListedChange): number {
  if (element.__typename === 'Edge') return op === 'UPDATED' ? 0 : 2;
  if (op === 'UPDATED') return 1;
  const rank = TELLING.indexOf(element.type);
  return rank < 0 ? 3 : 3 + TELLING.length - rank;
}

export const timeOf = ({ at }: ListedChange): number => Date.parse(at);

const WORDS = { ADDED: 'appeared', REMOVED: 'went', UPDATED: 'changed' } as const;
const MOST_KINDS = 4;

/** What else is in the group, in words: `12 veth, 3 netns and 14 links appeared; 2 veth changed`. Empty for nothing. */
export function restInWords({ changes, lead }: ChangeGroup): string {
  const counts = { ADDED: new Map<string, number>(), REMOVED: new Map<string, number>(), UPDATED: new Map<string, number>() };
  for (const change of changes) {
    if (change === lead) continue;
    const { op, element } = change;
    const kind = element.__typename === 'Edge' ? 'link' : element.type;
    counts[op].set(kind, (counts[op].get(kind) ?? 0) + 1);
  }
  const parts: string[] = [];
  for (const [op, kinds] of Object.entries(counts) as [keyof typeof WORDS, Map<string, number>][]) {
    if (kinds.size === 0) continue;
    // Things first: links follow from them.
    const sorted = [...kinds].sort(([a, many], [b, more]) => Number(a === 'link') - Number(b === 'link') || more - many);
    const others = sorted.slice(MOST_KINDS).reduce((sum, [, count]) => sum + count, 0);
    const named = sorted.slice(0, MOST_KINDS).map(([kind, count]) => `${count} ${kind === 'link' && count > 1 ? 'links' : kind}`);
    if (others > 0) named.push(`${others} others`);
    parts.push(`${named.length > 1 ? `${named.slice(0, -1).join(', ')} and ${named.at(-1)}` : named[0]} ${WORDS[op]}`);
  }
  return parts.join('; ');
}
