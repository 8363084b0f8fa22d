import type { Json, JsonObject } from '../../common/json.js';
import type { ElementId, NodeRevision } from '../../graph/element.js';
import type { GraphView } from '../../graph/view.js';
import { Alarm } from './alarm.js';
import { closable } from './closable.js';
import type { MetricsBatch, NodeSample } from './events.js';
import type { Feed, MetricsStream } from './feed.js';
import type { Sight } from '../sight/sight.js';
import type { ChangeLog } from './log.js';
import type { LiveScope } from './scope.js';

/** Latest values of one element since the batch before. */
interface Measurement {
  at: number;
  readonly values: Record<string, number>;
}

/** Measurements of the nodes that match: first what is known, then in each `every` what was measured since. */
export class MetricsFeed implements Feed<MetricsBatch> {
  readonly kind = 'samples';

  constructor(
    private readonly log: ChangeLog,
    private readonly stream: MetricsStream,
  ) {}

  [Symbol.asyncIterator](): AsyncGenerator<MetricsBatch> {
    const alarm = new Alarm(this.log.clock);
    return closable(this.#run(alarm), () => alarm.close());
  }

  async *#run(alarm: Alarm): AsyncGenerator<MetricsBatch> {
    const measured = new Map<ElementId, Measurement>();
    const stop = this.log.sources.recorder.onMeasured((news) => {
      for (const { id, at, values } of news) {
        let kept = measured.get(id);
        if (kept === undefined) measured.set(id, (kept = { at, values: {} }));
        kept.at = at;
        for (const [path, value] of values) if (typeof value === 'number') kept.values[path] = value;
      }
    });
    try {
      yield await this.#batch(undefined);
      while (!alarm.isClosed) {
        await alarm.sleep(this.stream.everyMs);
        if (alarm.isClosed) return;
        const since = new Map(measured);
        measured.clear();
        const batch = since.size > 0 ? await this.#batch(since) : undefined;
        if (batch && batch.samples.length > 0) yield batch;
      }
    } finally {
      stop();
    }
  }

  /** Samples of what was measured since, or of everything that the present knows. */
  async #batch(news: ReadonlyMap<ElementId, Measurement> | undefined): Promise<MetricsBatch> {
    const { sight, scope } = this.stream;
    const present = this.log.present();
    const view = sight?.of(present) ?? present;
    try {
      const samples: NodeSample[] = [];
      for (const node of await nodesOf(scope, view)) {
        if (news === undefined) {
          const values = flatten(view.measurements(node.id));
          if (Object.keys(values).length > 0) samples.push({ node, at: view.at, values });
        } else {
          const sample = news.get(node.id);
          if (sample) samples.push({ node, at: sample.at, values: shownValues(sample.values, sight) });
        }
      }
      return { kind: 'metrics', at: view.at, samples };
    } finally {
      view.release();
    }
  }
}

async function nodesOf(scope: LiveScope, view: GraphView): Promise<Iterable<NodeRevision>> {
  switch (scope.reach) {
    case 'everything':
      return view.nodes();
    case 'own':
      return matching(view.nodes(), scope);
    case 'others':
      return (await scope.select(view)).nodes.values();
  }
}

function* matching(nodes: Iterable<NodeRevision>, scope: Extract<LiveScope, { reach: 'own' }>): Iterable<NodeRevision> {
  for (const node of nodes) if (scope.matchesNode(node)) yield node;
}

/** Numbers of a nested object by dotted path. */
function flatten(values: JsonObject | undefined, prefix = '', into: Record<string, number> = {}): Record<string, number> {
  for (const [key, value] of Object.entries(values ?? {})) {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof value === 'number') into[path] = value;
    else if (isObject(value)) flatten(value, path, into);
  }
  return into;
}

/** What is hidden is not measured either. */
function shownValues(values: Record<string, number>, sight: Sight | undefined): Readonly<Record<string, number>> {
  if (sight === undefined || sight.hidden.isNone) return values;
  return Object.fromEntries(Object.entries(values).filter(([path]) => !sight.hidden.hides(path)));
}

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
