import { Field, ID, InputType, Int } from 'type-graphql';
import type { AddressFilter as AddressFilterShape } from '../src/graph/filter/addressFilter.js';
import type { Direction as DirectionShape } from '../src/graph/walk/steps.js';
import type { EdgeFilter as EdgeFilterShape } from '../src/graph/filter/edgeFilter.js';
import type { IntFilter as IntFilterShape } from '../src/graph/filter/intFilter.js';
import type { MetadataFilter as MetadataFilterShape } from '../src/graph/filter/metadataFilter.js';
import type { NodeFilter as NodeFilterShape } from '../src/graph/filter/nodeFilter.js';
import type { StringFilter as StringFilterShape } from '../src/graph/filter/stringFilter.js';
import type * as filters from '../src/services/filters/inputs.js';
import type { Instant, TimeRange as ServiceTimeRange } from '../src/services/instant.js';
import type { NodeOrder as ServiceNodeOrder } from '../src/services/order.js';
import { Direction, NodeOrderField, NodeState, SortDirection } from './enums.js';
import { CIDR, Counter, DateTime, Duration, IPAddress } from './scalars/index.js';

@InputType({ description: 'A stretch of time, both ends included.' })
export class TimeRange implements ServiceTimeRange {
  @Field(() => DateTime, { description: 'Start: `-1h`, `2026-03-01T12:00:00Z`.' })
  from!: Instant;

  @Field(() => DateTime, { nullable: true, defaultValue: { agoMs: 0 }, description: 'End; later than now means now.' })
  to?: Instant;
}

@InputType({
  description: 'Conditions on a text; all given ones must hold. A value that is not there passes only `ne`, `notIn` and `exists: false`.',
})
export class StringFilter implements StringFilterShape {
  @Field(() => String, { nullable: true, description: 'Equal to.' })
  eq?: string;

  @Field(() => String, { nullable: true, description: 'Not equal to, or not there.' })
  ne?: string;

  @Field(() => [String], { nullable: true, description: 'Equal to one of.' })
  in?: string[];

  @Field(() => [String], { nullable: true, description: 'Equal to none of, or not there.' })
  notIn?: string[];

  @Field(() => String, {
    nullable: true,
    description: 'RE2 expression that matches somewhere in the text: `^veth[0-9]+$`. No back references; at most 1,000 characters.',
  })
  regex?: string;

  @Field(() => String, { nullable: true, description: 'Occurs somewhere in the text.' })
  contains?: string;

  @Field(() => String, { nullable: true, description: 'The text starts with it.' })
  startsWith?: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether there is a value at all.' })
  exists?: boolean;
}

@InputType({ description: 'Conditions on a number; all given ones must hold.' })
export class IntFilter implements IntFilterShape {
  @Field(() => Counter, { nullable: true, description: 'Equal to.' })
  eq?: number;

  @Field(() => Counter, { nullable: true, description: 'Not equal to, or not there.' })
  ne?: number;

  @Field(() => Counter, { nullable: true, description: 'Greater than.' })
  gt?: number;

  @Field(() => Counter, { nullable: true, description: 'Greater than or equal to.' })
  gte?: number;

  @Field(() => Counter, { nullable: true, description: 'Less than.' })
  lt?: number;

  @Field(() => Counter, { nullable: true, description: 'Less than or equal to.' })
  lte?: number;

  @Field(() => [Counter], { nullable: true, description: 'Equal to one of.' })
  in?: number[];

  @Field(() => Boolean, { nullable: true, description: 'Whether there is a value at all.' })
  exists?: boolean;
}

@InputType({ description: 'Conditions on an address; one address that matches is enough.' })
export class AddressFilter implements AddressFilterShape {
  @Field(() => IPAddress, { nullable: true, description: 'The address, whatever its prefix length.' })
  eq?: string;

  @Field(() => CIDR, { nullable: true, description: 'Lies in the network: `10.0.0.0/8`.' })
  within?: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether there is an address at all.' })
  exists?: boolean;
}

@InputType({
  description:
    'Conditions on the value at a dotted path of the metadata; all given ones must hold, and at least one must be given. Where the path leads through a list, one entry that matches is enough.',
})
export class MetadataFilter implements MetadataFilterShape {
  @Field(() => String, { description: 'Dotted path: `MTU`, `K8s.Namespace`, `Neighbors.MAC`.' })
  path!: string;

  @Field(() => StringFilter, { nullable: true, description: 'Conditions on a text.' })
  string?: StringFilter;

  @Field(() => IntFilter, { nullable: true, description: 'Conditions on a number.' })
  int?: IntFilter;

  @Field(() => Boolean, { nullable: true, description: 'Equal to.' })
  bool?: boolean;

  @Field(() => AddressFilter, { nullable: true, description: 'Conditions on an address.' })
  address?: AddressFilter;

  @Field(() => Boolean, { nullable: true, description: 'Whether the path reaches anything.' })
  exists?: boolean;
}

@InputType({ description: 'Which nodes. All given fields must hold.' })
export class NodeFilter implements NodeFilterShape {
  @Field(() => [ID], { nullable: true, description: 'One of these ids.' })
  id?: string[];

  @Field(() => [ID], { nullable: true, description: 'One of these topological ids, which stay when a thing is made again.' })
  tid?: string[];

  @Field(() => StringFilter, { nullable: true, description: '`host`, `netns`, `veth`, `bridge`, ….' })
  type?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: 'Name.' })
  name?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: 'Host it was seen on.' })
  host?: StringFilter;

  @Field(() => StringFilter, { nullable: true, description: 'Who published it: `agent.web-1`.' })
  origin?: StringFilter;

  @Field(() => [NodeState], { nullable: true, description: 'In one of these states.' })
  state?: NodeFilterShape['state'];

  @Field(() => StringFilter, { nullable: true, description: 'MAC address, in any case.' })
  mac?: StringFilter;

  @Field(() => AddressFilter, { nullable: true, description: 'One of its IPv4 or IPv6 addresses.' })
  address?: AddressFilter;

  @Field(() => [MetadataFilter], { nullable: true, description: 'Conditions on metadata; all must hold.' })
  metadata?: MetadataFilter[];

  @Field(() => String, {
    nullable: true,
    description: 'Free text: every word occurs in the name, type, host, MAC or an address, in any case.',
  })
  search?: string;

  @Field(() => NodeFilter, { nullable: true, description: 'Owned, at any depth, by a node that matches.' })
  within?: NodeFilter;

  @Field(() => [NodeFilter], { nullable: true, description: 'All of these.' })
  and?: NodeFilter[];

  @Field(() => [NodeFilter], { nullable: true, description: 'At least one of these.' })
  or?: NodeFilter[];

  @Field(() => NodeFilter, { nullable: true, description: 'Not this.' })
  not?: NodeFilter;
}

@InputType({ description: 'Which edges. All given fields must hold.' })
export class EdgeFilter implements EdgeFilterShape {
  @Field(() => [ID], { nullable: true, description: 'One of these ids.' })
  id?: string[];

  @Field(() => StringFilter, { nullable: true, description: '`ownership`, `layer2`, ….' })
  relationType?: StringFilter;

  @Field(() => ID, { nullable: true, description: 'Starts at this node.' })
  source?: string;

  @Field(() => ID, { nullable: true, description: 'Ends at this node.' })
  target?: string;

  @Field(() => [MetadataFilter], { nullable: true, description: 'Conditions on metadata; all must hold.' })
  metadata?: MetadataFilter[];

  @Field(() => [EdgeFilter], { nullable: true, description: 'All of these.' })
  and?: EdgeFilter[];

  @Field(() => [EdgeFilter], { nullable: true, description: 'At least one of these.' })
  or?: EdgeFilter[];

  @Field(() => EdgeFilter, { nullable: true, description: 'Not this.' })
  not?: EdgeFilter;
}

@InputType({ description: 'What to add around the nodes that match.' })
export class ExpandInput implements filters.ExpandInput {
  @Field(() => Int, { nullable: true, defaultValue: 1, description: 'At most so many edges away, 1 to 10.' })
  depth?: number;

  @Field(() => EdgeFilter, { nullable: true, description: 'Only along edges that match.' })
  via?: EdgeFilter;

  @Field(() => Direction, { nullable: true, defaultValue: Direction.BOTH, description: 'Only along edges in this direction.' })
  direction?: DirectionShape;
}

@InputType({
  description: 'Part of the topology: nodes that match, plus what `expand` adds around them, plus every edge between them that matches.',
})
export class TopologyFilter implements filters.TopologyFilter {
  @Field(() => NodeFilter, { nullable: true, description: 'Which nodes; all unless given.' })
  nodes?: NodeFilter;

  @Field(() => EdgeFilter, { nullable: true, description: 'Which of the edges between those nodes; all unless given.' })
  edges?: EdgeFilter;

  @Field(() => ExpandInput, { nullable: true, description: 'What to add around the nodes.' })
  expand?: ExpandInput;

  @Field(() => String, {
    nullable: true,
    description:
      "A Gremlin string that finds nodes, edges, paths or a graph, such as `G.V().Has('Type', 'bridge').Out()`. `nodes` and `edges` narrow what it finds, and `expand` starts from that. Of edges and of `SubGraph` only the found edges are taken.",
  })
  gremlin?: string;
}

@InputType({ description: 'How a list of nodes is ordered.' })
export class NodeOrder implements ServiceNodeOrder {
  @Field(() => NodeOrderField, { description: 'By what.' })
  field!: NonNullable<ServiceNodeOrder['field']>;

  @Field(() => SortDirection, { nullable: true, defaultValue: SortDirection.ASC, description: 'Which end first.' })
  direction?: ServiceNodeOrder['direction'];
}

@InputType({ description: 'How changes are put together on their way.' })
export class BatchInput {
  @Field(() => Duration, {
    nullable: true,
    defaultValue: 50,
    description: 'Least time between two events. The first change after a quiet moment goes out at once.',
  })
  every?: number;

  @Field(() => Int, {
    nullable: true,
    defaultValue: 500,
    description: 'Most changes in an event, 1 to 10,000. What was published together is never split, so one event may hold more.',
  })
  max?: number;
}
