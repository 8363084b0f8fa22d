import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Json } from '../src/common/json.js';
import type * as publish from '../src/services/publish/inputs.js';
import { Node } from './node.js';
import { Cursor, Duration, JSONValue } from './scalars/index.js';

@InputType({ description: 'A node as its publisher gives it. It replaces what the publisher gave before under this id.' })
export class PublishNodeInput implements publish.PublishNode {
  @Field(() => ID, { description: 'Your own stable id; at most 256 characters. The same id again is the same node.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => String, { description: 'What it is: `switch`, `rack`, `site`. A type of the kinds in this schema gives its fields.' })
  type!: string;

  @Field(() => String, { nullable: true, description: 'Host it belongs to, if any.' })
  host?: string;

  @Field(() => JSONValue, {
    nullable: true,
    description: 'An object; keys without `.`, at most 16 levels. Every key is state: a change of it is a change in history.',
  })
  metadata?: Json;
}

@InputType({ description: 'An edge as its publisher gives it. While an end is not there it waits, and appears with it.' })
export class PublishEdgeInput implements publish.PublishEdge {
  @Field(() => ID, { nullable: true, description: 'Your own stable id; without it one is derived from source, target and relation type.' })
  id?: string;

  @Field(() => ID, { description: 'Id of the node it starts at: for `ownership`, the owner.' })
  source!: string;

  @Field(() => ID, { description: 'Id of the node it ends at.' })
  target!: string;

  @Field(() => String, { description: '`ownership`, `layer2`, or a word of your own.' })
  relationType!: string;

  @Field(() => JSONValue, { nullable: true, description: 'An object; keys without `.`, at most 16 levels.' })
  metadata?: Json;
}

@InputType({ description: 'Elements to publish, change and remove: all of it or nothing.' })
export class PublishTopologyInput implements publish.PublishTopology {
  @Field(() => String, {
    description:
      'Who publishes: `inventory`. Elements belong to their origin: only it may change or remove them. `agent.…` and `user` are taken.',
  })
  origin!: string;

  @Field(() => Duration, {
    nullable: true,
    description:
      'Elements of this call that are not published again within this time are removed (`LEASE_EXPIRED`); at least 1s. Without it they stay.',
  })
  lease?: number;

  @Field(() => [PublishNodeInput], { nullable: true, description: 'Nodes.' })
  nodes?: PublishNodeInput[];

  @Field(() => [PublishEdgeInput], { nullable: true, description: 'Edges.' })
  edges?: PublishEdgeInput[];

  @Field(() => [ID], { nullable: true, description: 'Ids of elements to remove; what is not there any more is passed over.' })
  removed?: string[];
}

@ObjectType({ simpleResolvers: true, description: 'What was done. It is on disk.' })
export class PublishTopologyPayload {
  @Field(() => Cursor, { description: 'The place in the log after the call.' })
  cursor!: unknown;

  @Field(() => Int, { description: 'Elements that are new.' })
  created!: number;

  @Field(() => Int, { description: 'Elements that are different now.' })
  updated!: number;

  @Field(() => Int, { description: 'Elements that were so already.' })
  unchanged!: number;

  @Field(() => Int, { description: 'Elements removed, with the edges of removed nodes.' })
  removed!: number;
}

@ObjectType({ simpleResolvers: true, description: 'The node after the change. It is on disk.' })
export class UpdateNodePayload {
  @Field(() => Cursor, { description: 'The place in the log after the call.' })
  cursor!: unknown;

  @Field(() => Node, { description: 'The node as everybody sees it now.' })
  node!: Node;
}

@ObjectType({ simpleResolvers: true, description: 'What was removed. It is on disk.' })
export class RemoveElementsPayload {
  @Field(() => Cursor, { description: 'The place in the log after the call.' })
  cursor!: unknown;

  @Field(() => Int, { description: 'Elements removed, with the edges of removed nodes.' })
  removed!: number;

  @Field(() => [ID], { description: 'Ids that were not there any more.' })
  missing!: string[];
}
