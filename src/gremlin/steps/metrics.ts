import type { JsonObject } from '../../common/json.js';
import type { NodeRevision } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import { mapRows, pieces } from '../execute/rows.js';
import { nodesIn, type Executor, type Keyed } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { defineStep } from '../step.js';
import { flowMetrics } from './flows/metrics.js';
import { METRIC_FIELDS, orderedMetric } from './metrics/fields.js';

/** Which measurements a parameter names. */
const PATHS: Readonly<Record<string, string>> = {
  LastUpdateMetric: 'LastUpdateMetric',
  SFlow: 'SFlow.LastUpdateMetric',
  'SFlow.LastUpdateMetric': 'SFlow.LastUpdateMetric',
  Ovs: 'Ovs.LastUpdateMetric',
  'Ovs.LastUpdateMetric': 'Ovs.LastUpdateMetric',
};

/** `Metrics([key])`: what was measured on nodes. */
export const metrics = defineStep({
  name: 'Metrics',
  usage: ['Metrics()', "Metrics('SFlow')"],
  doc: 'what the latest readings of the nodes added, or all readings within the time of `Context`; `LastUpdateMetric` unless `SFlow` or `Ovs` is given',
  on: { nodes: 'metrics', flows: 'metrics' },
  notes: [{ kind: 'mended', text: 'At a single instant of the past the latest reading before it answers; there nothing did.' }],
  read(call) {
    const [key] = call.args;
    if (call.args.length > 1) throw call.misread(`Metrics accepts one parameter : ${call.listed}`, call.args[1]);
    if (key === undefined) return 'LastUpdateMetric';
    if (key.kind !== 'string') throw call.misread('Metrics parameter have to be a string', key);
    const path = Object.hasOwn(PATHS, key.value) ? PATHS[key.value] : undefined;
    if (path === undefined) throw call.misread(`Metric field unknown : ${call.listed}`, key);
    return path;
  },
  plan: (path, from, call) => (from === 'flows' ? flowMetrics(call) : readMetrics(path)),
});

function readMetrics(path: string): Executor {
  const read = fieldReader(path);
  return async (input, run) => {
    const { slice, graph } = input;
    if (slice === undefined) {
      const seen = new Set<string>();
      const rows = mapRows(nodesIn(input), (node: NodeRevision): Keyed<readonly JsonObject[]> | undefined => {
        const metric = read(node, graph);
        if (!isJsonObject(metric) || seen.has(node.id)) return undefined;
        seen.add(node.id);
        return [node.id, [withoutZeros(metric)]];
      });
      return { rows };
    }
    const ids = [...new Set((await run.all(nodesIn(input))).map(({ id }) => id))];
    const readings = await run.source.readings(ids, path, METRIC_FIELDS, slice);
    run.check();
    const rows = ids.flatMap((id): Keyed<readonly JsonObject[]>[] => {
      const samples = readings.get(id);
      return samples === undefined || samples.length === 0 ? [] : [[id, samples.map(withoutZeros)]];
    });
    return { rows: pieces(rows) };
  };
}

/** Fields that are zero are left out, as everywhere in metrics. */
const withoutZeros = (metric: JsonObject): JsonObject =>
  orderedMetric(Object.fromEntries(Object.entries(metric).filter(([, value]) => value !== 0)));
