import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { NodeState } from './enums.js';
import { Node } from './node.js';
import { Cursor, DateTime } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'How many nodes of a type.' })
export class KindCount {
  @Field(() => String, { description: '`type` of the nodes.' })
  type!: string;

  @Field(() => Int, { description: 'How many.' })
  count!: number;
}

@ObjectType({ simpleResolvers: true, description: 'How many nodes in a state.' })
export class StateCount {
  @Field(() => NodeState, { description: 'Their state.' })
  state!: string;

  @Field(() => Int, { description: 'How many.' })
  count!: number;
}

@ObjectType({ simpleResolvers: true, description: 'Nodes that have the same host, origin, type or value.' })
export class NodeGroup {
  @Field(() => ID, { description: 'Names the group, at every instant.' })
  id!: string;

  @Field(() => String, { description: 'What they have in common; empty for nodes that have no value.' })
  label!: string;

  @Field(() => Node, { nullable: true, description: 'The thing that the group stands for, where there is one: the host.' })
  node?: Node;

  @Field(() => [KindCount], { description: 'Nodes by type, most first.' })
  counts!: KindCount[];

  @Field(() => [StateCount], { description: 'Nodes by state.' })
  states!: StateCount[];

  @Field(() => Float, {
    nullable: true,
    description:
      'The greatest value of its nodes of what `measure` asks for; `null` where nothing is measured, and for rates in the past. Bits a second, packets a second, a share from 0 to 1, or the number of metadata.',
  })
  most?: number;

  @Field(() => Float, {
    nullable: true,
    description:
      'Its column in the picture, one group wide: the same for everybody and at every time; `null` where the analyzer keeps no places, because there are too many groups.',
  })
  x?: number;

  @Field(() => Float, { nullable: true, description: 'Its row in the picture; `null` like `x`.' })
  y?: number;
}

@ObjectType({ simpleResolvers: true, description: 'All links between two groups together, without ownership.' })
export class GroupLink {
  @Field(() => ID, { description: 'Id of the one group; its label sorts before that of `b`.' })
  a!: string;

  @Field(() => ID, { description: 'Id of the other group.' })
  b!: string;

  @Field(() => [String], { description: 'Relation types of the links.' })
  relationTypes!: string[];

  @Field(() => Int, { description: 'How many links.' })
  count!: number;

  @Field(() => Float, {
    nullable: true,
    description: 'Traffic from `a` to `b`, bit/s, after the latest readings of the interfaces; `null` where none is known, as in the past.',
  })
  abBitsPerSecond?: number;

  @Field(() => Float, { nullable: true, description: 'Traffic from `b` to `a`, bit/s.' })
  baBitsPerSecond?: number;
}

@ObjectType({ simpleResolvers: true, description: 'Groups of nodes and what is between them.' })
export class TopologyOverview {
  @Field(() => [NodeGroup], { description: 'Groups, by label.' })
  groups!: NodeGroup[];

  @Field(() => [GroupLink], { description: 'Links between different groups.' })
  links!: GroupLink[];

  @Field(() => DateTime, { description: 'The instant that was looked at.' })
  at!: number;

  @Field(() => Cursor, { description: 'Its place in the log.' })
  cursor!: unknown;
}
