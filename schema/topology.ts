import { Field, Int, ObjectType } from 'type-graphql';
import { Edge } from './edge.js';
import { Node } from './node.js';
import { Cursor, DateTime } from './scalars/index.js';

/** `coverage` is added by `resolvers/topology.ts`. */
@ObjectType({
  simpleResolvers: true,
  description: 'A consistent picture: at most 5,000 elements. More are cut: `truncated`, and no cursor to continue from.',
})
export class Topology {
  @Field(() => [Node], { description: 'Nodes that the filter selects, in no order.' })
  nodes!: Node[];

  @Field(() => [Edge], { description: 'Every edge between those nodes that the filter selects, in no order.' })
  edges!: Edge[];

  @Field(() => DateTime, { description: 'The instant that was looked at.' })
  at!: number;

  @Field(() => Cursor, { nullable: true, description: 'Where `topologyChanges(after:)` goes on from; `null` when the picture was cut.' })
  cursor?: unknown;

  @Field(() => Boolean, {
    description: 'Whether elements were left out because there are too many; narrow the filter, or ask `topologyOverview`.',
  })
  truncated!: boolean;
}

@ObjectType({ simpleResolvers: true, description: 'A way through the graph.' })
export class Path {
  @Field(() => [Node], { description: 'From the first node to the last.' })
  nodes!: Node[];

  @Field(() => [Edge], { description: 'The edges between them, in the same order.' })
  edges!: Edge[];

  @Field(() => Int, { description: 'How many edges.' })
  length!: number;
}
