import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FlowBatch } from '../../agent/link/flowQueue.js';
import { protocolViolation, Violation } from '../../src/protocol/violation.js';
import { Analyzer, LinkedAgent, RawAgent } from '../hub/harness.js';
import { noEvents } from '../../src/hub/agentEvents.js';
import { ManualClock, settle } from '../hub/manualClock.js';

let clock: ManualClock;
let analyzer: Analyzer;
/** First byte of each batch that reached the store, in order. */
let stored: number[];
/** Batches wait for the disk until it goes on. */
let diskStands: Promise<void> | undefined;

beforeEach(async () => {
  clock = new ManualClock();
  stored = [];
  diskStands = undefined;
  const events = {
    ...noEvents,
    flows: async (_origin: string, { batch }: { readonly batch: Uint8Array }): Promise<void> => {
      await diskStands;
      stored.push(batch[0]!);
    },
  };
  analyzer = await new Analyzer(clock, undefined, { events }).start();
});
afterEach(() => analyzer.stop());

const batch = (name: number): FlowBatch => ({
  capture: 'c',
  node: 'n',
  batchKind: 'UPDATE',
  count: 10,
  batch: Uint8Array.of(name),
  isFinal: false,
});

const contentOf = ({ isFinal: _isFinal, ...content }: FlowBatch): Omit<FlowBatch, 'isFinal'> => content;

async function connected(): Promise<LinkedAgent> {
  const agent = new LinkedAgent(clock, () => (analyzer.isUp ? analyzer.hub : undefined));
  agent.link.start();
  await clock.advance(10);
  return agent;
}

const lost = () => Object.fromEntries(analyzer.agent()!.flows.lost);

it('a cut of the network neither loses flows, nor doubles them, nor counts any as lost', async () => {
  const agent = await connected();
  agent.link.ship(batch(1));
  await settle();
  for (let cut = 1; cut <= 3; cut += 1) {
    agent.wire.stall();
    agent.link.ship(batch(cut * 10));
    agent.link.ship(batch(cut * 10 + 1));
    await settle();
    agent.wire.end();
    await clock.advance(5_000);
    agent.link.ship(batch(cut * 10 + 2));
    await clock.advance(10);
  }
  expect(stored).toEqual([1, 10, 11, 12, 20, 21, 22, 30, 31, 32]);
  expect(analyzer.agent()?.flows.received).toBe(100);
  expect(agent.link.status().droppedFlows).toEqual({});
  expect(lost()).toEqual({});
});

it('what arrived and waits for the disk when the connection breaks is not sent again', async () => {
  const agent = await connected();
  let goesOn = (): void => undefined;
  diskStands = new Promise((resolve) => (goesOn = resolve));
  agent.link.ship(batch(1));
  agent.link.ship(batch(2));
  await settle();
  agent.wire.end();
  await clock.advance(5_000);
  goesOn();
  await settle();
  agent.link.ship(batch(3));
  await settle();
  expect(stored).toEqual([1, 2, 3]);
  await clock.advance(10);

  // All are known to be stored, so an analyzer that begins anew makes none of them doubtful.
  await analyzer.crash();
  await analyzer.start();
  await clock.advance(60_000);
  expect(agent.link.status()).toMatchObject({ state: 'LIVE', droppedFlows: {} });
});

it('an analyzer that died with flows in its hands leaves them counted as lost', async () => {
  const agent = await connected();
  diskStands = new Promise(() => undefined);
  agent.link.ship(batch(1));
  await settle();
  await analyzer.crash();
  diskStands = undefined;
  await analyzer.start();
  await clock.advance(60_000);
  agent.link.ship(batch(2));
  await settle();
  expect(stored).toEqual([2]);
  expect(lost()).toEqual({ disconnected: 10 });
});

it('a batch that cannot be read is not sent again and again, and counts as not stored', async () => {
  await analyzer.stop();
  const events = {
    ...noEvents,
    flows: (_origin: string, { batch: [name] }: { readonly batch: Uint8Array }): undefined => {
      if (name === 1) throw protocolViolation('FLOWS', new Violation('batch', 'no columns'));
      stored.push(name!);
    },
  };
  analyzer = await new Analyzer(clock, undefined, { events }).start();
  const agent = await connected();
  agent.link.ship(batch(1));
  await clock.advance(120_000);
  agent.link.ship(batch(2));
  await settle();
  expect(stored).toEqual([2]);
  expect(analyzer.agent()?.flows).toMatchObject({ received: 20, notStored: 10 });
  expect(agent.link.status().disconnects).toBe(1);
});

it('an agent that counts each session from 1 is understood', async () => {
  for (const name of [1, 2]) {
    const agent = await new RawAgent(analyzer).hello();
    for (const number of [1, 2]) agent.send({ kind: 'flows', number, ...contentOf(batch(name * 10 + number)), dropped: {} });
    await settle();
    expect(agent.of('flowsAcknowledge').at(-1)).toMatchObject({ accepted: 2, stored: 2 });
    agent.wire.end();
    await settle();
  }
  expect(stored).toEqual([11, 12, 21, 22]);
});
