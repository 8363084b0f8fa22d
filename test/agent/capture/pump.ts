import { openAfpacket } from '../../../agent/capture/afpacket/open.js';
import type { Joining, MeasuredValues, OpenSource, SourceContext, SourceSettings } from '../../../agent/capture/source.js';
import { newSharedMemory, ringShare } from '../../../agent/capture/worker/shared.js';
import { Waits } from '../../../agent/capture/worker/waits.js';
import { inNamespace, withNamespace } from '../../../agent/linux/namespace.js';
import { here, type Aside } from '../../../agent/linux/slowCalls.js';
import { bindToSend, openPacketSocket, sendFrame } from '../../../agent/linux/packetSocket.js';
import { lookAtInterface } from '../../../agent/linux/interface.js';
import { sys } from '../../../agent/linux/syscall.js';
import type { ExternalFlow } from '../../../src/flow/table/external.js';
import type { CaptureSpec } from '../../../src/protocol/capture.js';

/** A packet as a sink heard of it, copied. */
export interface HeardPacket {
  readonly bytes: Buffer;
  readonly wireLength: number;
  readonly timeMs: number;
  readonly nanos: number;
  readonly linkType: number;
  readonly vlanTag: number;
  readonly segments: number;
}

export const captureSpec = (spec: Partial<CaptureSpec> = {}): CaptureSpec => ({
  id: 'capture-1',
  type: undefined,
  bpf: '',
  headerSize: 256,
  rawPacketLimit: 0,
  extraTcpMetric: false,
  ipDefrag: false,
  reassembleTcp: false,
  layerKeyMode: 'L2',
  extraLayers: [],
  samplingRate: 1,
  pollingIntervalMs: 10_000,
  port: 0,
  target: '',
  targetType: 'local',
  ...spec,
});

export const SETTINGS: SourceSettings = {
  isPromiscuous: false,
  pcapSocket: { address: '127.0.0.1', ports: [28_100, 28_132] },
  sflowPorts: [26_345, 26_355],
  netflowPorts: [26_365, 26_375],
};

/** Opens one source in the test's own thread and hears what it brings. */
export class Pump {
  readonly packets: HeardPacket[] = [];
  readonly flows: ExternalFlow[] = [];
  readonly measured: MeasuredValues[] = [];
  failure: unknown;
  readonly rings;
  private readonly waits = new Waits();
  readonly source: OpenSource;

  constructor(
    interfaceName: string,
    namespacePath: string | undefined,
    spec: Partial<CaptureSpec> = {},
    {
      open = openAfpacket,
      ringBytes = 64 * 1024 * 1024,
      settings = SETTINGS,
      joining,
      aside = here,
    }: {
      open?: (context: SourceContext) => OpenSource;
      ringBytes?: number;
      settings?: SourceSettings;
      joining?: Joining;
      aside?: Aside;
    } = {},
  ) {
    const complete = captureSpec(spec);
    this.rings = ringShare(newSharedMemory(ringBytes));
    this.source = open({
      spec: complete,
      place: { node: 'node-1', tid: 'tid-1', interfaceName, namespacePath, addresses: [] },
      settings,
      filter: complete.bpf,
      joining,
      mplsUdpPort: 0,
      packets: {
        packet: (bytes, offset, captured, wireLength, timeMs, nanos, linkType, vlanTag, segments) =>
          void this.packets.push({
            bytes: Buffer.from(bytes.slice(offset, offset + captured)),
            wireLength,
            timeMs,
            nanos,
            linkType,
            vlanTag,
            segments,
          }),
      },
      external: (flow) => void this.flows.push(flow),
      // Each time with all that is known of it.
      recount: () => false,
      measure: (values) => void this.measured.push(values),
      watch: (fd, ready) => this.waits.watch(fd, ready),
      unwatch: (fd) => this.waits.unwatch(fd),
      rest: (milliseconds) => this.waits.rest(milliseconds),
      failed: (error) => (this.failure = error),
      aside,
      rings: this.rings,
      inPlace: (work) => (namespacePath === undefined ? work() : withNamespace(namespacePath, ({ fd }) => inNamespace(fd, work))),
    });
  }

  /** Works for so many milliseconds, or until enough is heard. */
  run(milliseconds: number, isEnough: () => boolean = () => false): void {
    const until = performance.now() + milliseconds;
    while (performance.now() < until && !isEnough()) {
      this.waits.wait(20);
      this.source.tick?.(Date.now());
    }
  }

  close(): void {
    this.source.close();
    this.waits.close();
  }
}

/** Sends frames on an interface of a namespace. */
export function sendFrames(namespacePath: string, interfaceName: string, frames: readonly Buffer[]): void {
  withNamespace(namespacePath, ({ fd: namespace }) => {
    const fd = inNamespace(namespace, openPacketSocket);
    try {
      bindToSend(fd, lookAtInterface(fd, interfaceName).index);
      for (const frame of frames) sendFrame(fd, frame);
    } finally {
      sys.close(fd);
    }
  });
}
