import { Field, ObjectType } from 'type-graphql';
import { Node } from './node.js';
import { JSONValue } from './scalars/index.js';

@ObjectType({ implements: Node, simpleResolvers: true, description: 'A machine that an agent watches.' })
export class Host extends Node {
  @Field(() => String, { description: "The operating system's name for it; the node's name where none is known." })
  hostname!: string;

  @Field(() => JSONValue, {
    nullable: true,
    description: 'Facts about the machine: `OS`, `Platform`, `PlatformVersion`, `KernelVersion`, `CPU`, `VirtualizationSystem`, ….',
  })
  platform?: unknown;
}
