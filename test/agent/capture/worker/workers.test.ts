import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bindToSend, openPacketSocket, sendFrame } from '../../../../agent/linux/packetSocket.js';
import { lookAtInterface } from '../../../../agent/linux/interface.js';
import { inNamespace, withNamespace } from '../../../../agent/linux/namespace.js';
import { sys } from '../../../../agent/linux/syscall.js';
import type { CaptureActivity } from '../../../../src/protocol/capture.js';
import { describeWith, program, root } from '../../../needs.js';
import { CaptureHost } from '../captureHost.js';
import { udpFrame } from '../frames.js';

const CONVERSATIONS = 40;
/** Packets that are sent at once, each time the event loop comes round. */
const BURST = 20;
/** Packets/s: far less than is sent, and far more than nothing. */
const BUSY = 50;

vi.setConfig({ testTimeout: 180_000 });

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'the threads of captures', () => {
  let host: CaptureHost;

  beforeEach(async () => {
    vi.stubEnv('CANOPY_PROCESSORS', '4');
    host = await CaptureHost.open();
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await host.close();
  });

  const thresholds = async (of: { workers?: number; moveAbove?: number; spreadAbove?: number; quietAfter?: number }): Promise<void> => {
    const { agent } = host.lab.settings();
    await host.restart(undefined, { capture: { ...agent.capture, quietAfter: 1_000, ...of } });
  };

  /** Conversations of a few senders, in both directions. */
  const frames = Array.from({ length: CONVERSATIONS }, (_, index) => {
    const there = {
      sourcePort: 10_000 + index,
      sourceIp: `192.0.2.${1 + (index % 7)}`,
      destinationIp: '198.51.100.9',
      destinationPort: 9_000,
    };
    const back = {
      source: '02:00:00:00:00:02',
      destination: '02:00:00:00:00:01',
      sourcePort: 9_000,
      sourceIp: there.destinationIp,
      destinationIp: there.sourceIp,
      destinationPort: there.sourcePort,
    };
    return [udpFrame(there), udpFrame(back)];
  }).flat();

  /** Sends without an end, and counts. */
  class Sender {
    sent = 0;
    private isStopped = false;
    private readonly done: Promise<void>;

    constructor(private readonly pauseMs: number) {
      this.done = this.run();
    }

    private async run(): Promise<void> {
      const fd = withNamespace(host.lab.path('left'), ({ fd: namespace }) => inNamespace(namespace, openPacketSocket));
      try {
        bindToSend(fd, lookAtInterface(fd, 'capl').index);
        while (!this.isStopped) {
          for (let packet = 0; packet < BURST; packet++) sendFrame(fd, frames[this.sent++ % frames.length]!);
          await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
        }
      } finally {
        sys.close(fd);
      }
    }

    async stop(): Promise<number> {
      this.isStopped = true;
      await this.done;
      return this.sent;
    }
  }

  /** Nothing was lost and nothing counted twice: in the capture's counters and in its flows. Answers the flows as they were at last. */
  const settle = async (sent: number) => {
    const settled = await host.hears((activity) => activity.packetsReceived >= sent);
    host.stop();
    const ended = await host.inState('STOPPED');
    expect({ settled: settled.packetsReceived, ended: ended.packetsReceived, dropped: ended.packetsDropped }).toEqual({
      settled: sent,
      ended: sent,
      dropped: 0,
    });
    const last = new Map(host.updates().map((update) => [update.flow.UUID, update]));
    const packets = [...last.values()].reduce((sum, { flow }) => sum + flow.Metric!.ABPackets + flow.Metric!.BAPackets, 0);
    expect(packets).toBe(sent);
    return [...last.values()];
  };

  const threads = ({ facts }: CaptureActivity): unknown => facts.threads ?? 1;

  it('change under a busy capture, which loses nothing and counts nothing twice', async () => {
    await thresholds({ moveAbove: BUSY });
    host.start();
    host.start({ id: 'other', bpf: 'udp port 9' });
    await host.inState('ACTIVE');
    await host.inState('ACTIVE', 'other');
    const sender = new Sender(5);
    // The flows of the thread that it shared.
    await vi.waitUntil(() => host.updates().some(({ reason }) => reason === 'moved'), { timeout: 60_000 });
    const slow = await sender.stop();
    // Quiet: back to where the other one is.
    const movedAt = host.updates().filter(({ reason }) => reason === 'moved').length;
    await vi.waitUntil(() => host.updates().filter(({ reason }) => reason === 'moved').length > movedAt, { timeout: 60_000 });
    const again = new Sender(5);
    await host.hears(({ packetsReceived }) => packetsReceived > slow + 100);
    const flows = await settle(slow + (await again.stop()));
    expect(new Set(flows.map(({ flow }) => flow.TrackingID)).size).toBe(CONVERSATIONS);
    for (const { flow, reason } of flows) expect(flow.FinishType === undefined).toBe(reason === 'moved');
  });

  it('share out the packets of one capture, each conversation to one of them', async () => {
    await thresholds({ moveAbove: BUSY, spreadAbove: 2 * BUSY });
    host.start();
    await host.inState('ACTIVE');
    const sender = new Sender(5);
    await host.hears((activity) => threads(activity) === 3);
    await vi.waitUntil(() => host.updates().some(({ reason }) => reason === 'moved'), { timeout: 60_000 });
    const received = host.captures.states()[0]!.packetsReceived;
    await host.hears(({ packetsReceived }) => packetsReceived > received + 10 * frames.length);
    const sent = await sender.stop();
    const flows = await settle(sent);
    // Of what came since, each conversation is one flow: in two threads it would be two.
    const present = flows.filter(({ reason }) => reason !== 'moved');
    expect(present).toHaveLength(CONVERSATIONS);
    for (const { flow } of present) expect(Math.abs(flow.Metric!.ABPackets - flow.Metric!.BAPackets)).toBeLessThanOrEqual(BURST);
  });

  it('come together again when a capture is quiet', async () => {
    await thresholds({ moveAbove: BUSY, spreadAbove: 2 * BUSY });
    host.start();
    await host.inState('ACTIVE');
    const sender = new Sender(5);
    await host.hears((activity) => threads(activity) === 3);
    const sent = await sender.stop();
    await host.hears((activity) => threads(activity) === 1);
    const again = new Sender(100);
    await host.hears(({ packetsReceived }) => packetsReceived > sent + 100);
    await settle(sent + (await again.stop()));
  });

  it('are too few on a small host, which says so', async () => {
    vi.stubEnv('CANOPY_PROCESSORS', '2');
    await thresholds({ moveAbove: BUSY, workers: 8 });
    host.start();
    host.start({ id: 'other', type: 'pcap' });
    await host.inState('ACTIVE');
    await host.inState('ACTIVE', 'other');
    const sender = new Sender(5);
    const { facts } = await host.hears((activity) => activity.facts.crowded !== undefined);
    expect(facts.crowded).toBe('it shares its thread with others: there is one thread for captures in all, on a host with 2 processors');
    const { facts: ofOther } = await host.hears((activity) => activity.facts.crowded !== undefined, 'other');
    expect(ofOther.crowded).toBe('it shares its thread with others: captures of the type pcap stay in theirs');
    await sender.stop();
    await host.hears((activity) => activity.facts.crowded === undefined);
    await host.hears((activity) => activity.facts.crowded === undefined, 'other');
    expect(host.updates().filter(({ reason }) => reason === 'moved')).toEqual([]);
  });
});
