import type { Flow } from '../../../flow/flow.js';
import { flowKey } from '../../../flow/flowField.js';
import { CAPTURABLE_NODE_TYPES } from '../../../protocol/captureTypes.js';
import type { NodeRevision } from '../../../graph/element.js';
import type { WalkedPath } from '../../../graph/walk/shortestPaths.js';
import type { FlowSource } from '../../execute/flowSource.js';
import type { Run } from '../../execute/run.js';
import { nodesIn, type Rows, type Traversal } from '../../execute/traversal.js';
import type { Kind } from '../../kinds.js';
import { compileValue } from '../../predicates/condition.js';
import type { StepCall } from '../../step.js';

export const flowsIn = (input: Traversal): Rows<Flow> => input.rows as Rows<Flow>;

/** Where the run finds flows; a filter of nodes finds none. */
export function flowSource(run: Run, call: StepCall): FlowSource {
  const { flows } = run.source;
  if (flows === undefined) throw call.refuse('flows cannot be asked for here');
  return flows;
}

/** `k, v, …` over flows, all or one of them. Skydive's checks and texts. */
export function flowTest(call: StepCall, isAny: boolean): (flow: Flow) => boolean {
  const tests = flowPairs(call).map(([key, value]) => {
    const { readAny } = flowKey(key);
    const condition = compileValue(value, true, call);
    return (flow: Flow): boolean => condition.test(readAny(flow));
  });
  return isAny ? (flow) => tests.some((test) => test(flow)) : (flow) => tests.every((test) => test(flow));
}

/** The parameters as pairs. */
export function flowPairs(call: StepCall): (readonly [key: string, value: StepCall['args'][number]])[] {
  const { args } = call;
  if (args.length === 1 || (args.length === 0 && call.name !== 'Flows'))
    throw call.misread('At least two parameters must be provided', args[0]);
  if (args.length % 2 !== 0) throw call.misread(`slice must be defined by pair k,v: ${call.listed}`, args.at(-1));
  const pairs: (readonly [string, StepCall['args'][number]])[] = [];
  for (let index = 0; index < args.length; index += 2) {
    const key = args[index]!;
    if (key.kind !== 'string') throw call.misread('keys should be of string type', key);
    pairs.push([key.value, args[index + 1]!]);
  }
  return pairs;
}

/** `TID`s of the nodes that come in, as far as something can be captured on them; `undefined`: all nodes there are. */
export async function captureTids(input: Traversal, from: Kind, run: Run): Promise<readonly string[] | undefined> {
  if (from === 'graph') return undefined;
  const nodes: readonly NodeRevision[] =
    from === 'paths' ? (await run.all(input.rows as Rows<WalkedPath>)).flatMap((path) => path.nodes) : await run.all(nodesIn(input));
  const tids = new Set<string>();
  for (const { metadata } of nodes) {
    if (typeof metadata.TID === 'string' && CAPTURABLE_NODE_TYPES.has(metadata.Type as string)) tids.add(metadata.TID);
  }
  return [...tids];
}
