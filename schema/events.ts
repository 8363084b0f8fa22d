import { createUnionType, Field, Int, ObjectType } from 'type-graphql';
import { Change } from './change.js';
import { Edge } from './edge.js';
import { Node } from './node.js';
import { Cursor, DateTime, JSONValue } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'One page of the picture; `complete` and `cursor` on the last only.' })
export class TopologySnapshot {
  @Field(() => [Node], { description: 'Nodes of this page, with the fields of their own revision only.' })
  nodes!: Node[];

  @Field(() => [Edge], { description: 'Edges of this page, with the fields of their own revision only.' })
  edges!: Edge[];

  @Field(() => Cursor, { nullable: true, description: 'On the last page: where the changes go on from.' })
  cursor?: unknown;

  @Field(() => Boolean, { description: 'Whether the picture is complete with this page.' })
  complete!: boolean;
}

@ObjectType({
  simpleResolvers: true,
  description: 'What happened since the event before. Empty every ten seconds when nothing matches, to carry a newer cursor.',
})
export class TopologyChanges {
  @Field(() => [Change], { description: 'Changes in order. What was published together is in one event.' })
  changes!: Change[];

  @Field(() => Cursor, {
    nullable: true,
    description:
      'Reconnect with `after:` this: nothing is missed, nothing is repeated. Always there; nullable like that of a snapshot, so that one document may ask both for `cursor`.',
  })
  cursor!: unknown;
}

@ObjectType({ simpleResolvers: true, description: 'The client was too slow: changes were skipped. A fresh snapshot follows.' })
export class EventsLost {
  @Field(() => Int, { description: 'How many changes of the log were skipped.' })
  count!: number;

  @Field(() => Cursor, { description: 'After which place.' })
  after!: unknown;
}

@ObjectType({
  simpleResolvers: true,
  description: 'The cursor leads on no more: it is older than what is kept, or was lost in a crash. Subscribe again without `after`.',
})
export class ResyncRequired {
  @Field(() => String, { description: 'Why, for people.' })
  reason!: string;

  @Field(() => Cursor, { description: 'The oldest place that still leads on.' })
  oldest!: unknown;
}

export const TopologyEvent = createUnionType({
  name: 'TopologyEvent',
  description: 'What comes in `topologyChanges`.',
  types: () => [TopologySnapshot, TopologyChanges, EventsLost, ResyncRequired] as const,
});

@ObjectType({ simpleResolvers: true, description: 'New measurements of one node.' })
export class NodeMetrics {
  @Field(() => Node, { description: 'The node.' })
  node!: Node;

  @Field(() => DateTime, { description: 'When they were measured.' })
  at!: number;

  @Field(() => JSONValue, { description: 'Values by dotted path of metadata: `{"Metric.RxBytes": 1024}`.' })
  values!: unknown;
}

@ObjectType({ simpleResolvers: true, description: 'Measurements since the event before, the latest of each node.' })
export class MetricBatch {
  @Field(() => DateTime, { description: 'When the batch was made.' })
  at!: number;

  @Field(() => [NodeMetrics], { description: 'One entry for each node that was measured.' })
  samples!: NodeMetrics[];
}
