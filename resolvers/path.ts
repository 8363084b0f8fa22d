import { Args, ArgsType, Ctx, Field, Query, Resolver } from 'type-graphql';
import { EdgeFilter, NodeFilter } from '../schema/inputs.js';
import { DateTime } from '../schema/scalars/index.js';
import { Path } from '../schema/topology.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type { Instant } from '../src/services/instant.js';
import * as paths from '../src/services/paths.js';
import type { Context } from './context.js';

@ArgsType()
class PathsArgs implements paths.PathsQuery {
  @Field(() => NodeFilter, { description: 'Where paths start; the first 100 nodes by id.' })
  from!: NodeFilter;

  @Field(() => NodeFilter, { description: 'Where paths end.' })
  to!: NodeFilter;

  @Field(() => EdgeFilter, { nullable: true, description: 'Only along edges that match; all unless given.' })
  via?: EdgeFilter;

  @Field(() => DateTime, { nullable: true, description: 'At which instant; now unless given.' })
  at?: Instant;
}

@Resolver(() => Path)
export class PathResolver {
  @Query(() => [Path], {
    description:
      'For each node that matches `from`, a shortest way to the nearest that matches `to`, along edges in both directions; shortest first, at most 100.',
  })
  shortestPaths(@Ctx() context: Context, @Args(() => PathsArgs) args: PathsArgs): Awaitable<paths.Path[]> {
    return paths.shortestPaths(context, args);
  }
}
