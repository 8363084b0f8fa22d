import type { AddressFilter } from '../../graph/filter/addressFilter.js';
import type { IntFilter } from '../../graph/filter/intFilter.js';
import { compileNodeFilter, type NodeFilter } from '../../graph/filter/nodeFilter.js';
import type { StringFilter } from '../../graph/filter/stringFilter.js';
import type { Maybe } from '../../graph/filter/valueTest.js';
import { candidateNodes } from '../../graph/filter/candidates.js';
import type { GraphView } from '../../graph/view.js';
import { flowPredicate, type FlowCondition } from '../../flowstore/condition.js';

export interface FlowEndFilter {
  readonly address?: Maybe<AddressFilter>;
  readonly mac?: Maybe<StringFilter>;
  readonly port?: Maybe<IntFilter>;
}

/** All given conditions must hold. */
export interface FlowFilter {
  readonly id?: Maybe<readonly string[]>;
  readonly trackingId?: Maybe<readonly string[]>;
  readonly application?: Maybe<StringFilter>;
  readonly protocol?: Maybe<StringFilter>;
  /** At either end, as is `port`. */
  readonly address?: Maybe<AddressFilter>;
  readonly port?: Maybe<IntFilter>;
  readonly a?: Maybe<FlowEndFilter>;
  readonly b?: Maybe<FlowEndFilter>;
  readonly captureNode?: Maybe<NodeFilter>;
  readonly capture?: Maybe<string>;
  readonly finished?: Maybe<boolean>;
  /** Of both directions together, since the flow's start. */
  readonly bytes?: Maybe<IntFilter>;
  readonly and?: Maybe<readonly FlowFilter[]>;
  readonly or?: Maybe<readonly FlowFilter[]>;
  readonly not?: Maybe<FlowFilter>;
}

/** The filter as any home of flows can carry it out; capture nodes are those of the graph. Throws `BAD_INPUT` naming what is wrong. */
export function flowCondition(filter: Maybe<FlowFilter>, graph: GraphView): FlowCondition {
  const condition: FlowCondition = { kind: 'all', of: filter ? [...parts(filter, graph)] : [] };
  // What is wrong is said at once, whichever home answers.
  flowPredicate(condition);
  return condition;
}

/** Whether the filter names nodes, somewhere: what it finds changes with the graph. */
export const asksForNodes = (filter: Maybe<FlowFilter>): boolean =>
  filter !== null &&
  filter !== undefined &&
  (Boolean(filter.captureNode) || asksForNodes(filter.not) || [...(filter.and ?? []), ...(filter.or ?? [])].some(asksForNodes));

function* parts(filter: FlowFilter, graph: GraphView): Generator<FlowCondition> {
  const { id, trackingId, application, protocol, address, port, a, b, captureNode, capture, finished, bytes, and, or, not } = filter;
  if (id) yield { kind: 'id', field: 'uuid', in: id };
  if (trackingId) yield { kind: 'id', field: 'trackingId', in: trackingId };
  if (application) yield { kind: 'text', field: 'application', filter: application };
  if (protocol) yield { kind: 'text', field: 'protocol', filter: protocol };
  if (address) yield { kind: 'address', fields: ['networkA', 'networkB'], filter: address };
  if (port) yield { kind: 'number', fields: ['portA', 'portB'], filter: port };
  if (a) yield* end(a, 'networkA', 'linkA', 'portA');
  if (b) yield* end(b, 'networkB', 'linkB', 'portB');
  if (captureNode) yield { kind: 'text', field: 'nodeTid', filter: { in: tidsOf(captureNode, graph) } };
  if (capture) yield { kind: 'text', field: 'capture', filter: { eq: capture } };
  if (typeof finished === 'boolean') yield { kind: 'finished', isFinished: finished };
  if (bytes) yield { kind: 'number', fields: ['bytes'], filter: bytes };
  for (const each of and ?? []) yield { kind: 'all', of: [...parts(each, graph)] };
  if (or) yield { kind: 'any', of: or.map((each) => ({ kind: 'all', of: [...parts(each, graph)] })) };
  if (not) yield { kind: 'not', of: { kind: 'all', of: [...parts(not, graph)] } };
}

function* end(
  { address, mac, port }: FlowEndFilter,
  network: 'networkA' | 'networkB',
  link: 'linkA' | 'linkB',
  transport: 'portA' | 'portB',
): Generator<FlowCondition> {
  if (address) yield { kind: 'address', fields: [network], filter: address };
  if (mac) yield { kind: 'text', field: link, filter: mac };
  if (port) yield { kind: 'number', fields: [transport], filter: port };
}

function tidsOf(filter: NodeFilter, graph: GraphView): string[] {
  const test = compileNodeFilter(filter, 'filter.captureNode').in(graph);
  const tids: string[] = [];
  for (const node of candidateNodes(graph, filter)) {
    if (typeof node.metadata.TID === 'string' && test(node)) tids.push(node.metadata.TID);
  }
  return tids;
}
