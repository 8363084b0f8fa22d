import { parse } from './parse.js';
import { plan, type Plan } from './plan.js';

export { wantedAt, type Wanted } from './complete.js';
export { MomentOnly } from './cypher/moment.js';
export type { CypherDatabase } from './cypher/pushDown.js';
export { execute, type Outcome, type RunOptions } from './execute/execute.js';
export { RangeGraph } from './execute/rangeGraph.js';
export type { GraphSource } from './execute/run.js';
export type { Keyed, QueriedGraph, TimeSlice } from './execute/traversal.js';
export { explain, type ExplainedStatement, type ExplainedStep } from './explain.js';
export { graphJson, graphText, resultJson, resultText } from './json/result.js';
export { DEFAULT_RUN_LIMITS } from './limits.js';
export type { Kind } from './kinds.js';
export type { Plan } from './plan.js';
export { packetFrom, type PacketJson } from './steps/flows/packets.js';
export { compileSelector, type Found, type Selector } from './select.js';

/** From a string to what runs. Throws `GREMLIN_SYNTAX`, `BAD_INPUT` or `LIMIT_EXCEEDED`, with Skydive's text and the place. */
export const compile = (source: string): Plan => plan(parse(source));
