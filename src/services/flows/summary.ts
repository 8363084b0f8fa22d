import type { Flow } from '../../flow/flow.js';
import type { SummaryGroup, SummaryKey, SummaryMeasure } from '../../flowstore/store.js';
import type { Moment, NodeView } from '../elementView.js';
import { captureNodeOf, endOf } from './flowEnds.js';
import type { FlowDimension } from './flowService.js';

/** One group of flows: what they have in common, and their sums. */
export interface FlowGroupView {
  readonly keys: readonly { readonly dimension: FlowDimension; readonly value: string | undefined; readonly node: NodeView | undefined }[];
  /** With `TIME`: when the step begins, milliseconds. */
  readonly start: number | undefined;
  readonly abBytes: number;
  readonly baBytes: number;
  readonly bytes: number;
  readonly abPackets: number;
  readonly baPackets: number;
  readonly packets: number;
  readonly flows: number;
}

export function groupView(
  { keys: values, ...sums }: SummaryGroup,
  keys: readonly SummaryKey[],
  dimensions: readonly FlowDimension[],
  moment: Moment,
): FlowGroupView {
  const valueOf = (key: SummaryKey): string | number | undefined => values[keys.indexOf(key)];
  const textOf = (key: SummaryKey): string | undefined => valueOf(key)?.toString();
  const like = (side: 'A' | 'B'): Flow =>
    ({
      Network: textOf(`${side}_ADDRESS`) === undefined ? undefined : { [side]: textOf(`${side}_ADDRESS`) },
      Link: textOf(`${side}_MAC`) === undefined ? undefined : { [side]: textOf(`${side}_MAC`) },
    }) as unknown as Flow;
  return {
    keys: dimensions.map((dimension) => {
      switch (dimension) {
        case 'A_NODE':
        case 'B_NODE': {
          const side = dimension === 'A_NODE' ? 'A' : 'B';
          const node = endOf(like(side), side, moment);
          return { dimension, value: node?.name ?? textOf(`${side}_ADDRESS`) ?? textOf(`${side}_MAC`), node };
        }
        case 'CAPTURE_NODE': {
          const node = captureNodeOf({ NodeTID: textOf(dimension) } as Flow, moment);
          return { dimension, value: node?.name ?? textOf(dimension), node };
        }
        case 'TIME':
          return { dimension, value: new Date(Number(valueOf(dimension))).toISOString(), node: undefined };
        default:
          return { dimension, value: textOf(dimension), node: undefined };
      }
    }),
    start: keys.includes('TIME') ? Number(valueOf('TIME')) : undefined,
    ...sums,
    bytes: sums.abBytes + sums.baBytes,
    packets: sums.abPackets + sums.baPackets,
  };
}

const SUMS = ['abBytes', 'baBytes', 'bytes', 'abPackets', 'baPackets', 'packets', 'flows'] as const;
const MEASURES = { BYTES: 'bytes', PACKETS: 'packets', FLOWS: 'flows' } as const;

/** Joins groups whose addresses are of the same nodes, and keeps the largest; each with all its steps of time, in their order. */
export function rankedByNode(groups: readonly FlowGroupView[], orderBy: SummaryMeasure, limit: number): readonly FlowGroupView[] {
  const textOf = ({ dimension, value, node }: FlowGroupView['keys'][number]): string =>
    JSON.stringify([dimension, node?.id ?? value ?? null]);
  const ranks = new Map<string, { measure: number; readonly steps: Map<number | undefined, FlowGroupView> }>();
  for (const group of groups) {
    const who = group.keys.flatMap((key) => (key.dimension === 'TIME' ? [] : [textOf(key)])).join();
    const rank = ranks.get(who) ?? { measure: 0, steps: new Map<number | undefined, FlowGroupView>() };
    ranks.set(who, rank);
    rank.measure += group[MEASURES[orderBy]];
    const before = rank.steps.get(group.start);
    const sums = before && Object.fromEntries(SUMS.map((sum) => [sum, before[sum] + group[sum]]));
    rank.steps.set(group.start, { ...(before ?? group), ...sums });
  }
  const largest = [...ranks.values()].sort((a, b) => b.measure - a.measure).slice(0, limit);
  return largest.flatMap(({ steps }) => [...steps.values()].sort((a, b) => (a.start ?? 0) - (b.start ?? 0)));
}
