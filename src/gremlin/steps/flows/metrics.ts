import type { JsonObject } from '../../../common/json.js';
import { pieces } from '../../execute/rows.js';
import type { Executor, Keyed } from '../../execute/traversal.js';
import type { StepCall } from '../../step.js';
import { flowSource, flowsIn } from './rows.js';

/** `Flows().Metrics()`: now what the last update of each flow added, or its total before the first; of the past all updates within the time. */
export const flowMetrics =
  (call: StepCall): Executor =>
  async (input, run) => {
    const flows = await run.all(flowsIn(input));
    const { slice } = input;
    if (slice === undefined) {
      const rows = flows.flatMap(({ UUID, LastUpdateMetric, Metric }): Keyed<readonly JsonObject[]>[] => {
        const metric = LastUpdateMetric ?? Metric;
        return metric === undefined ? [] : [[UUID, [metric as unknown as JsonObject]]];
      });
      return { rows: pieces(rows) };
    }
    // An instant has no length: whatever was counted up to it.
    const from = slice.from === slice.to ? 0 : slice.from;
    const samples = await flowSource(run, call).samples(
      flows.map(({ UUID }) => UUID),
      { from, to: slice.to },
    );
    run.check();
    return {
      rows: pieces([...samples].map(([uuid, list]): Keyed<readonly JsonObject[]> => [uuid, list as unknown as readonly JsonObject[]])),
    };
  };
