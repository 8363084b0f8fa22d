import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from './page.js';
import { DateTime } from './scalars/index.js';

/** Its ends are added by `resolvers/edge.ts`. */
@ObjectType({ simpleResolvers: true, description: 'A relation between two nodes. Its ends never change: other ends are another edge.' })
export class Edge {
  @Field(() => ID, { description: 'Names the relation, at every instant.' })
  id!: string;

  @Field(() => ID, { description: 'This version of it, `id@revision`.' })
  key!: string;

  @Field(() => String, { description: '`ownership` (the source owns the target), `layer2`, `vlayer2`, `vf`, ….' })
  relationType!: string;

  @Field(() => ID, { description: 'Id of the node it starts at; also in events, which carry no nodes.' })
  sourceId!: string;

  @Field(() => ID, { description: 'Id of the node it ends at.' })
  targetId!: string;

  @Field(() => String, { description: 'Host it was seen on; empty for what belongs to none.' })
  host!: string;

  @Field(() => String, { description: 'Who published it, and alone may change or remove it.' })
  origin!: string;

  @Field(() => DateTime, { description: 'When it appeared, on the axis of `at`.' })
  createdAt!: number;

  @Field(() => DateTime, { description: 'When it changed last, on the axis of `at`.' })
  updatedAt!: number;

  @Field(() => DateTime, { nullable: true, description: 'When it went; `null` where it is there.' })
  deletedAt?: number;

  @Field(() => Int, { description: 'Counts its versions from 1.' })
  revision!: number;
}

export const EdgeConnection = connectionOf('Edge', () => Edge);
