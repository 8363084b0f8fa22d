import type { Cancel } from '../../common/clock.js';
import type { Json } from '../../common/json.js';
import type { CaptureActivity } from '../../protocol/capture.js';
import { flowPredicate } from '../../flowstore/condition.js';
import { mayKnow, type CaptureEvent } from '../../services/captures/captureService.js';
import type { FlowNews } from '../../services/flows/flowNews.js';
import { flowsSeenNow } from '../../services/flows/seenFlows.js';
import type { Services } from '../../services/services.js';
import type { Viewer } from '../../services/viewer.js';
import { goText } from '../../gremlin/json/goText.js';
import { captureJson } from '../captureJson.js';
import { injectionJson } from '../injectionJson.js';
import type { CompatClient } from './client.js';
import { writeEnvelope, type ClientProtocol, type Outgoing } from './envelope.js';

/** Flows in one message. */
const FLOWS_IN_MESSAGE = 100;

const FLOW = 'flow';
const STATS = 'stats';

/** What clients of `/ws/subscriber/flow` hear that ask for nothing by name: each flow once. */
export const ALL_FLOWS: ReadonlySet<string> = new Set([FLOW, STATS]);

const CAPTURES = 'OnDemandCaptureNotification';
const INJECTIONS = 'OnDemandPacketInjectionNotification';

const TYPES = { CREATED: 'Added', DELETED: 'Deleted', CHANGED: 'NodeUpdated' } as const;

/** Clients that see the same and are told what others do not ask for; each message is written once for all who hear its namespace. */
class Audience {
  readonly #clients = new Set<CompatClient>();

  /** `viewer`: the first of them, who sees what they all see. */
  constructor(readonly viewer: Viewer) {}

  add(client: CompatClient, onEmpty: () => void): void {
    this.#clients.add(client);
    client.onClose(() => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) onEmpty();
    });
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

/** Audiences by what they see. */
class Audiences {
  readonly #audiences = new Map<string, Audience>();

  add(client: CompatClient, viewer: Viewer): void {
    const key = viewer.sight?.key ?? '';
    let audience = this.#audiences.get(key);
    if (audience === undefined) this.#audiences.set(key, (audience = new Audience(viewer)));
    audience.add(client, () => this.#audiences.delete(key));
  }

  all(): Iterable<Audience> {
    return this.#audiences.values();
  }
}

/** What clients of `/ws/subscriber/flow` hear: flows as agents report them, by all and by capture, and how captures count. */
export class FlowNotices {
  readonly #audiences = new Audiences();
  readonly #cancels: readonly Cancel[];
  /** What was counted when it was told last, by capture and node. */
  readonly #told = new Map<string, CaptureActivity>();

  constructor(private readonly services: Pick<Services, 'flows' | 'captures' | 'openScope'>) {
    const { flows, captures } = services;
    this.#cancels = [flows.live.listen((news) => this.#flows(news)), captures.listen((event) => this.#stats(event))];
  }

  add(client: CompatClient, viewer: Viewer): void {
    this.#audiences.add(client, viewer);
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #flows(news: FlowNews): void {
    if (news.kind !== 'UPDATE') return;
    for (const audience of this.#audiences.all()) this.#tell(audience, this.#seen(audience, news.flows));
  }

  #seen({ viewer }: Audience, flows: FlowNews['flows']): FlowNews['flows'] {
    if (viewer.sight === undefined) return flows;
    const scope = this.services.openScope(viewer);
    try {
      return flows.filter(flowPredicate(flowsSeenNow(scope)));
    } finally {
      scope.release();
    }
  }

  #tell(audience: Audience, flows: FlowNews['flows']): void {
    const byCapture = new Map<string, (typeof flows)[number][]>();
    for (const flow of flows) {
      const ofCapture = byCapture.get(flow.CaptureID ?? '');
      if (ofCapture === undefined) byCapture.set(flow.CaptureID ?? '', [flow]);
      else ofCapture.push(flow);
    }
    this.#store(audience, FLOW, flows);
    for (const [capture, own] of byCapture) if (capture !== '') this.#store(audience, `${FLOW}/${capture}`, own);
  }

  #store(audience: Audience, namespace: string, flows: FlowNews['flows']): void {
    for (let from = 0; from < flows.length; from += FLOWS_IN_MESSAGE) {
      audience.tell({ namespace, type: 'store', body: goText(flows.slice(from, from + FLOWS_IN_MESSAGE) as unknown as Json) });
    }
  }

  /** Counts since they were told last, as the tables of old agents begin anew each time; the flows are those that there are. */
  #stats({ activity, capture: whole }: CaptureEvent): void {
    if (activity === undefined || activity.state === 'STARTING') return;
    const key = `${activity.capture} ${activity.node}`;
    const last = this.#told.get(key);
    if (activity.state === 'STOPPED') return void this.#told.delete(key);
    this.#told.set(key, activity);
    const since = (count: (of: CaptureActivity) => number): number => {
      const [now, before] = [count(activity), last === undefined ? 0 : count(last)];
      return now < before ? now : now - before;
    };
    const body = {
      CaptureID: activity.capture,
      FlowCount: activity.flows,
      FlowDropped: since(({ drops }) => drops.flowTableFull ?? 0),
      KernelFlowDropped: since(({ drops }) => drops.kernelTableFull ?? 0),
      PacketsDropped: since(({ packetsDropped }) => packetsDropped),
      PacketsReceived: since(({ packetsReceived }) => packetsReceived),
    };
    for (const audience of this.#audiences.all())
      if (mayKnow(audience.viewer, whole)) audience.tell({ namespace: STATS, type: STATS, body: goText(body) });
  }
}

/** What clients of `/ws/subscriber` hear beside the graph: captures and injections that begin, end and fare differently. */
export class OnDemandNotices {
  readonly #audiences = new Audiences();
  /** Captures as they were told last, by id. */
  readonly #told = new Map<string, string>();
  readonly #cancels: readonly Cancel[];

  constructor({ captures, injections }: Pick<Services, 'captures' | 'injections'>) {
    const cancelInjections = injections.listen(({ op, injection, isKnownTo }) => {
      const body = goText(injectionJson(injection));
      for (const audience of this.#audiences.all())
        if (isKnownTo(audience.viewer)) audience.tell({ namespace: INJECTIONS, type: TYPES[op], body });
    });
    const cancelCaptures = captures.listen(({ op, capture }) => {
      const active = captures.activitiesOf(capture.id).filter(({ state }) => state === 'ACTIVE').length;
      const body = goText(captureJson(capture, active));
      // What it counts changes all the time, and is not in it.
      if (op === 'CHANGED' && body === this.#told.get(capture.id)) return;
      if (op === 'DELETED') this.#told.delete(capture.id);
      else this.#told.set(capture.id, body);
      for (const audience of this.#audiences.all())
        if (mayKnow(audience.viewer, capture)) audience.tell({ namespace: CAPTURES, type: TYPES[op], body });
    });
    this.#cancels = [cancelCaptures, cancelInjections];
  }

  add(client: CompatClient, viewer: Viewer): void {
    this.#audiences.add(client, viewer);
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
  }
}
