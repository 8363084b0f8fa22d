import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Coverage } from '../schema/coverage.js';
import { TopologyFilter } from '../schema/inputs.js';
import { DateTime } from '../schema/scalars/index.js';
import { Topology } from '../schema/topology.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type * as coverage from '../src/services/coverage.js';
import type { Instant } from '../src/services/instant.js';
import type { Picture } from '../src/services/topology.js';
import type { Context } from './context.js';

@Resolver(() => Topology)
export class TopologyResolver {
  @Query(() => Topology, { description: 'A consistent picture, with the cursor from which `topologyChanges` continues it.' })
  topology(
    @Ctx() context: Context,
    @Arg('filter', () => TopologyFilter, { nullable: true }) filter?: TopologyFilter,
    @Arg('at', () => DateTime, { nullable: true }) at?: Instant,
  ): Awaitable<Picture> {
    return context.services.topology.picture(context, filter, at);
  }

  @FieldResolver(() => Coverage, { description: 'What was watched at the instant of the picture.' })
  coverage(@Root() { at }: Picture, @Ctx() { services, scope }: Context): Promise<coverage.Coverage> {
    return services.coverage(scope, at, at);
  }
}
