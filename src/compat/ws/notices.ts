import type { Cancel } from '../../common/clock.js';
import type { CaptureEvent } from '../../services/captures/captureService.js';
import type { FlowNews } from '../../services/flows/liveFlows.js';
import type { Services } from '../../services/services.js';
import { captureJson } from '../captureJson.js';
import type { CompatClient } from './client.js';
import { writeEnvelope, type ClientProtocol, type Outgoing } from './envelope.js';

/** Flows in one message. */
const FLOWS_IN_MESSAGE = 100;

const FLOW = 'flow';
const STATS = 'stats';
const CAPTURES = 'OnDemandCaptureNotification';

/** Clients that are told what others do not ask for; each message is written once for all who hear its namespace. */
class Audience {
  readonly #clients = new Set<CompatClient>();

  add(client: CompatClient): void {
    this.#clients.add(client);
    client.onClose(() => this.#clients.delete(client));
  }

  get isEmpty(): boolean {
    return this.#clients.size === 0;
  }

  tell(message: Outgoing): void {
    const frames: Partial<Record<ClientProtocol, Buffer>> = {};
    for (const client of this.#clients) {
      if (!client.hears(message.namespace)) continue;
      const { protocol } = client.greeting;
      client.sendFrame((frames[protocol] ??= writeEnvelope(message, protocol)));
    }
  }
}

/** What clients of `/ws/subscriber/flow` hear: flows as agents report them, by all and by capture, and how captures count. */
export class FlowNotices {
  readonly #audience = new Audience();
  readonly #cancels: readonly Cancel[];

  constructor({ flows, captures }: Pick<Services, 'flows' | 'captures'>) {
    this.#cancels = [flows.live.listen((news) => this.#flows(news)), captures.listen((event) => this.#stats(event))];
  }

  add(client: CompatClient): void {
    this.#audience.add(client);
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #flows({ kind, flows }: FlowNews): void {
    if (this.#audience.isEmpty || kind !== 'UPDATE') return;
    const byCapture = new Map<string, (typeof flows)[number][]>();
    for (const flow of flows) {
      const ofCapture = byCapture.get(flow.CaptureID ?? '');
      if (ofCapture === undefined) byCapture.set(flow.CaptureID ?? '', [flow]);
      else ofCapture.push(flow);
    }
    this.#store(FLOW, flows);
    for (const [capture, own] of byCapture) if (capture !== '') this.#store(`${FLOW}/${capture}`, own);
  }

  #store(namespace: string, flows: FlowNews['flows']): void {
    for (let from = 0; from < flows.length; from += FLOWS_IN_MESSAGE) {
      this.#audience.tell({ namespace, type: 'store', body: JSON.stringify(flows.slice(from, from + FLOWS_IN_MESSAGE)) });
    }
  }

  #stats({ activity }: CaptureEvent): void {
    if (activity === undefined || activity.state === 'STARTING' || activity.state === 'STOPPED' || this.#audience.isEmpty) return;
    const { capture, flows, packetsReceived, packetsDropped, drops } = activity;
    const body = {
      CaptureID: capture,
      FlowCount: flows,
      FlowDropped: drops.flowTableFull ?? 0,
      KernelFlowDropped: drops.kernelTableFull ?? 0,
      PacketsDropped: packetsDropped,
      PacketsReceived: packetsReceived,
    };
    this.#audience.tell({ namespace: STATS, type: STATS, body: JSON.stringify(body) });
  }
}

/** What clients of `/ws/subscriber` hear beside the graph: captures that begin, end and fare differently. */
export class CaptureNotices {
  readonly #audience = new Audience();
  readonly #cancel: Cancel;

  constructor({ captures }: Pick<Services, 'captures'>) {
    const types = { CREATED: 'Added', DELETED: 'Deleted', CHANGED: 'NodeUpdated' } as const;
    this.#cancel = captures.listen(({ op, capture }) => {
      if (this.#audience.isEmpty) return;
      const active = captures.activitiesOf(capture.id).filter(({ state }) => state === 'ACTIVE').length;
      this.#audience.tell({ namespace: CAPTURES, type: types[op], body: JSON.stringify(captureJson(capture, active)) });
    });
  }

  add(client: CompatClient): void {
    this.#audience.add(client);
  }

  close(): void {
    this.#cancel();
  }
}
