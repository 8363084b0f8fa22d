import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { TopologyFilter } from '../schema/inputs.js';
import { DateTime } from '../schema/scalars/index.js';
import { Topology } from '../schema/topology.js';
import type { Awaitable } from '../src/services/awaitable.js';
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
}
