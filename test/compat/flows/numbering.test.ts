import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowMessages, type MessageCounters } from '../../../src/compat/flows/messages.js';
import { KnownNumberings } from '../../../src/compat/flows/numbering.js';
import type { ReadFlow } from '../../../src/compat/flows/readFlow.js';
import { anyNumbers, anySent, ascendingNumbers, MIXTURES, type Numbered } from './anyFlow.js';
import { encodeFlow, encodeMessage } from './encode.js';

/** Others in every run, but for CI: what fails there has to fail again. */
const SEEDS: readonly (number | undefined)[] = Array.from({ length: 20 }, (_, index) =>
  process.env.CANOPY_CI === '1' ? 1_000 + index : undefined,
);

/** Runs in all, evenly over the seeds. */
function forAll<Values>(numRuns: number, property: fc.IProperty<Values>): void {
  for (const seed of SEEDS) fc.assert(property, { seed, numRuns: Math.ceil(numRuns / SEEDS.length), endOnFailure: true });
}

/** Flows, at most, of which no part has come so often that its fields are guessed: with all their packets fewer than 64 of each. */
const UNGUESSED = 21;

const counted = (): MessageCounters => ({ flows: 0, refused: 0, unread: new Map(), held: 0 });
const bytesOf = ({ flow, rawPackets }: ReadFlow, { numbers, tcpFields }: Numbered): Uint8Array =>
  encodeMessage([encodeFlow(flow, numbers, rawPackets, tcpFields)]);
const byId = (flows: readonly ReadFlow[]): ReadonlyMap<string, ReadFlow> => new Map(flows.map((one) => [one.flow.UUID, one]));
const plain = ({ flow, rawPackets }: ReadFlow): ReadFlow => ({ flow, rawPackets });

const PARTS = ['Link', 'Network', 'Transport', 'ICMP', 'LastUpdateMetric', 'Metric', 'TCPMetric', 'IPMetric'] as const;
/** What the flow says itself, and one part of it. */
const withOnly = ({ flow, rawPackets }: ReadFlow, part: (typeof PARTS)[number] | number): ReadFlow => ({
  flow: { ...flow, ...Object.fromEntries(PARTS.filter((one) => one !== part).map((one) => [one, undefined])) },
  rawPackets: rawPackets.filter((_, index) => index === part),
});
/** What was read is what was sent, or what the same bytes mean to who numbers otherwise: nothing tells which of the two was meant. */
function expectMeant(read: ReadFlow, sent: ReadFlow, numbered: Numbered, otherwise: Numbered): void {
  expect(read.rawPackets).toHaveLength(sent.rawPackets.length);
  for (const part of [...PARTS, ...sent.rawPackets.keys()]) {
    const bytes = bytesOf(withOnly(sent, part), numbered);
    const meanings = [numbered, otherwise].map((one) => bytesOf(withOnly(read, part), one));
    expect(
      meanings.some((one) => Buffer.compare(one, bytes) === 0),
      `${part} of ${JSON.stringify(read.flow)}`,
    ).toBe(true);
  }
}

/** A sequence of flows with different ids. */
const sequenceOf = (kinds: (typeof MIXTURES)[number], maxLength: number, minLength = 1): fc.Arbitrary<ReadFlow[]> =>
  fc.uniqueArray(anySent(kinds), { minLength, maxLength, selector: ({ flow }) => flow.UUID });
const anySequence = (maxLength: number): fc.Arbitrary<ReadFlow[]> =>
  fc.constantFrom(...MIXTURES).chain((kinds) => sequenceOf(kinds, maxLength));

describe('fields without known numbers', () => {
  it('are read right or wait, whatever their numbers are', () => {
    forAll(
      200,
      fc.property(anyNumbers, anySequence(UNGUESSED), (numbered, sent) => {
        const counters = counted();
        const messages = new FlowMessages(counters, new KnownNumberings());
        const read = sent.flatMap((one) => messages.message(bytesOf(one, numbered)).flows);
        const originals = byId(sent);
        for (const one of read) expect(plain(one)).toEqual(originals.get(one.flow.UUID));
        expect(counters).toEqual({ flows: read.length, refused: 0, unread: new Map(), held: sent.length - read.length });
      }),
    );
  });

  it('are told in a mixture of traffic, and what waited comes in its order', () => {
    let sentInAll = 0;
    let leftInAll = 0;
    forAll(
      40,
      fc.property(anyNumbers, sequenceOf(MIXTURES.at(-1)!, 60, 50), (numbered, sent) => {
        const counters = counted();
        const messages = new FlowMessages(counters, new KnownNumberings());
        const twice = [...sent, ...sent];
        const read = twice.flatMap((one) => messages.message(bytesOf(one, numbered)).flows);
        const left = messages.settle();
        expect(counters.flows).toBe(twice.length);
        sentInAll += twice.length;
        leftInAll += left.length;
        for (const uuid of byId(sent).keys()) expect([...read, ...left].filter(({ flow }) => flow.UUID === uuid)).toHaveLength(2);
      }),
    );
    // Even so much traffic may leave open which of two that were never apart is which; seldom for long.
    expect(leftInAll).toBeLessThan(sentInAll / 3);
  });

  it('that follow the declaration are read in the end, whatever is sent first', () => {
    forAll(
      200,
      fc.property(ascendingNumbers, anySequence(8), (numbered, sent) => {
        const counters = counted();
        const messages = new FlowMessages(counters, new KnownNumberings());
        const read = [...sent.flatMap((one) => messages.message(bytesOf(one, numbered)).flows), ...messages.settle()];
        expect(read).toHaveLength(sent.length);
        const originals = byId(sent);
        for (const { flow, rawPackets } of read) {
          const original = originals.get(flow.UUID)!;
          expect(original.flow).toMatchObject(flow);
          for (const packet of rawPackets) expect(original.rawPackets).toContainEqual(packet);
        }
        expect(counters.held).toBe(0);
      }),
    );
  });

  it('of one agent are known of the next that numbers alike', () => {
    forAll(
      60,
      fc.property(anyNumbers, sequenceOf(MIXTURES.at(-1)!, 40), anySequence(4), (numbered, first, second) => {
        const known = new KnownNumberings();
        const one = new FlowMessages(counted(), known);
        const settled = first.flatMap((sent) => one.message(bytesOf(sent, numbered)).flows).length === first.length;
        const counters = counted();
        const other = new FlowMessages(counters, known);
        const read = second.flatMap((sent) => other.message(bytesOf(sent, numbered)).flows);
        const originals = byId(second);
        for (const sent of read) expect(plain(sent)).toEqual(originals.get(sent.flow.UUID));
        if (settled && first.length > 30) expect(counters.unread.size).toBe(0);
      }),
    );
  });

  it('do no harm to an agent that numbers otherwise than one before', () => {
    forAll(
      60,
      fc.property(anyNumbers, anyNumbers, anySequence(30), anySequence(UNGUESSED), (numbered, otherwise, first, second) => {
        const known = new KnownNumberings();
        const one = new FlowMessages(counted(), known);
        for (const sent of first) one.message(bytesOf(sent, numbered));
        const other = new FlowMessages(counted(), known);
        const originals = byId(second);
        for (const sent of second)
          for (const read of other.message(bytesOf(sent, otherwise)).flows)
            expectMeant(read, originals.get(read.flow.UUID)!, otherwise, numbered);
      }),
    );
  });
});
