import { Field, ID, Int, InterfaceType, ObjectType } from 'type-graphql';
import { NodeState } from './enums.js';
import { connectionOf } from './page.js';
import { DateTime } from './scalars/index.js';

/** Fields without arguments that come from the element itself. Relations are added by `resolvers/node.ts`. */
@InterfaceType({
  description:
    "Anything with an identity in the topology. Everything reached from one root field is read at the same instant (that field's `at`).",
})
export abstract class Node {
  @Field(() => ID, { description: 'Names the thing, at every instant.' })
  id!: string;

  @Field(() => ID, {
    description: "This version of it, `id@revision`: what a client's cache should key on, since one thing at two instants is two versions.",
  })
  key!: string;

  @Field(() => ID, { nullable: true, description: 'Topological id: stays the same when the thing is made again. Flows refer to it.' })
  tid?: string;

  @Field(() => String, { description: 'Name, as its source gives it; the id where it gives none.' })
  name!: string;

  @Field(() => String, { description: 'What it is, in the words of its source: `host`, `netns`, `veth`, `bridge`, `container`, ….' })
  type!: string;

  @Field(() => String, { description: 'Host it was seen on; empty for what belongs to none.' })
  host!: string;

  @Field(() => String, { description: 'Who published it, and alone may change or remove it: `agent.web-1`.' })
  origin!: string;

  @Field(() => NodeState, { description: 'Whether it works.' })
  state!: string;

  @Field(() => DateTime, {
    description:
      "When it appeared, on the axis of `at`: asking at this instant finds it. The agent's own stamps are in `Change.observedAt`.",
  })
  createdAt!: number;

  @Field(() => DateTime, { description: 'When it changed last, on the axis of `at`.' })
  updatedAt!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it went; `null` where it is there.' })
  deletedAt?: number;

  @Field(() => Int, { description: 'Counts its versions from 1.' })
  revision!: number;
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A node of a type for which this schema has no kind of its own: from custom publishers and plug-in probes.',
})
export class CustomNode extends Node {}

export const NodeConnection = connectionOf('Node', () => Node as never);
