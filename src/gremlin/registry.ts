import type { StepDefinition } from './step.js';
import { aggregates } from './steps/aggregates.js';
import { as } from './steps/as.js';
import { ascendants } from './steps/ascendants.js';
import { both } from './steps/both.js';
import { bothE } from './steps/bothE.js';
import { bothV } from './steps/bothV.js';
import { bpf } from './steps/bpf.js';
import { captureNode } from './steps/captureNode.js';
import { context } from './steps/context.js';
import { count } from './steps/count.js';
import { dedup } from './steps/dedup.js';
import { descendants } from './steps/descendants.js';
import { e } from './steps/e.js';
import { flows } from './steps/flows.js';
import { g } from './steps/g.js';
import { group } from './steps/group.js';
import { has } from './steps/has.js';
import { hasEither } from './steps/hasEither.js';
import { hasKey } from './steps/hasKey.js';
import { hasNot } from './steps/hasNot.js';
import { hops } from './steps/hops.js';
import { inE } from './steps/inE.js';
import { inStep } from './steps/inStep.js';
import { inV } from './steps/inV.js';
import { keys } from './steps/keys.js';
import { limit } from './steps/limit.js';
import { metrics } from './steps/metrics.js';
import { moreThan } from './steps/moreThan.js';
import { neighbors } from './steps/neighbors.js';
import { nextHop } from './steps/nextHop.js';
import { nodes } from './steps/nodes.js';
import { out } from './steps/out.js';
import { outE } from './steps/outE.js';
import { outV } from './steps/outV.js';
import { range } from './steps/range.js';
import { rawPackets } from './steps/rawPackets.js';
import { select } from './steps/select.js';
import { shortestPathTo } from './steps/shortestPathTo.js';
import { sockets } from './steps/sockets.js';
import { sort } from './steps/sort.js';
import { subGraph } from './steps/subGraph.js';
import { sum } from './steps/sum.js';
import { v } from './steps/v.js';
import { valueMap } from './steps/valueMap.js';
import { values } from './steps/values.js';
import { workflow } from './steps/workflow.js';

/** Every step of the dialect, in the order of DIALECT.md. Each knows the type of its own parameters; to everybody else they are opaque. */
export const STEPS: readonly StepDefinition[] = [
  ...[context, v, e, g],
  ...[has, hasEither, hasKey, hasNot],
  ...[out, inStep, both, outE, inE, bothE, outV, inV, bothV],
  ...[ascendants, descendants, neighbors, shortestPathTo, subGraph],
  ...[as, select, dedup, sort, range, limit],
  ...[count, values, valueMap, keys, sum],
  ...[metrics, aggregates, nextHop, sockets, workflow],
  ...[flows, hops, nodes, captureNode, group, moreThan, rawPackets, bpf],
] as readonly StepDefinition[];

const BY_NAME = new Map(STEPS.flatMap((step) => [step.name, ...(step.aliases ?? [])].map((name) => [name.toUpperCase(), step] as const)));

/** The step of a name, in any case. */
export const stepNamed = (name: string): StepDefinition | undefined => BY_NAME.get(name.toUpperCase());

/** Names of all steps with their other names: what a shell completes after a dot. */
export const completions = (): string[] => STEPS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
