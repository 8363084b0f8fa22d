import { Field, ID, InputType, ObjectType } from 'type-graphql';
import type { Json } from '../src/common/json.js';
import { NodeRuleAction } from './enums.js';
import { JSONValue } from './scalars/index.js';

@ObjectType({
  simpleResolvers: true,
  description: 'A wish that is kept: a node that is to be there, or values that lie over nodes as long as they match.',
})
export class NodeRule {
  @Field(() => ID, { description: 'Never used again.' })
  id!: string;

  @Field(() => String, { description: 'For people; may be empty.' })
  name!: string;

  @Field(() => String, { description: 'For people; may be empty.' })
  description!: string;

  @Field(() => NodeRuleAction, { description: 'What it does.' })
  action!: string;

  @Field(() => String, { nullable: true, description: 'With `UPDATE`: the Gremlin string that finds the nodes, now and later.' })
  gremlin?: string;

  @Field(() => JSONValue, { description: 'The metadata of the node, or the values.' })
  metadata!: Json;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A wish that is kept: edges from every node that one string finds to every node that another finds.',
})
export class EdgeRule {
  @Field(() => ID, { description: 'Never used again.' })
  id!: string;

  @Field(() => String, { description: 'For people; may be empty.' })
  name!: string;

  @Field(() => String, { description: 'For people; may be empty.' })
  description!: string;

  @Field(() => String, { description: 'The Gremlin string that finds where the edges start, now and later.' })
  source!: string;

  @Field(() => String, { description: 'The Gremlin string that finds where they end.' })
  target!: string;

  @Field(() => JSONValue, { description: 'The metadata of the edges, `RelationType` among it.' })
  metadata!: Json;
}

@InputType({ description: 'A node to make, or values to lay over nodes.' })
export class CreateNodeRuleInput {
  @Field(() => String, { nullable: true, description: 'For people.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string;

  @Field(() => NodeRuleAction, { description: 'What it is to do.' })
  action!: string;

  @Field(() => String, { nullable: true, description: 'With `UPDATE`: a Gremlin string that finds nodes.' })
  gremlin?: string;

  @Field(() => JSONValue, { description: 'An object. With `CREATE`, `Name` and `Type` among it; with `UPDATE` neither.' })
  metadata!: Json;
}

@InputType({ description: 'Edges to make.' })
export class CreateEdgeRuleInput {
  @Field(() => String, { nullable: true, description: 'For people.' })
  name?: string;

  @Field(() => String, { nullable: true, description: 'For people.' })
  description?: string;

  @Field(() => String, { description: 'A Gremlin string that finds the nodes where edges start.' })
  source!: string;

  @Field(() => String, { description: 'A Gremlin string that finds the nodes where they end.' })
  target!: string;

  @Field(() => String, { description: '`ownership`, `layer2`, or a word of your own.' })
  relationType!: string;

  @Field(() => JSONValue, { nullable: true, description: 'An object: more metadata of the edges.' })
  metadata?: Json;
}

@ObjectType({ simpleResolvers: true, description: 'Answer of `createNodeRule`.' })
export class CreateNodeRulePayload {
  @Field(() => NodeRule, { description: 'As it is kept.' })
  rule!: NodeRule;
}

@ObjectType({ simpleResolvers: true, description: 'Answer of `createEdgeRule`.' })
export class CreateEdgeRulePayload {
  @Field(() => EdgeRule, { description: 'As it is kept.' })
  rule!: EdgeRule;
}

@ObjectType({ simpleResolvers: true, description: 'Answer of `deleteRule`.' })
export class DeleteRulePayload {
  @Field(() => ID, { description: 'Of the rule that is gone.' })
  id!: string;
}
