import { Arg, Args, ArgsType, Ctx, Field, Query, Resolver } from 'type-graphql';
import { GroupBy, NodeMeasure } from '../schema/enums.js';
import { TopologyFilter } from '../schema/inputs.js';
import { TopologyOverview } from '../schema/overview.js';
import { DateTime } from '../schema/scalars/index.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type { Instant } from '../src/services/instant.js';
import type { NodeMeasure as Measure } from '../src/services/groupMeasure.js';
import * as overviews from '../src/services/overview.js';
import type { Context } from './context.js';

@ArgsType()
export class OverviewArgs implements overviews.OverviewQuery {
  @Field(() => GroupBy, { nullable: true, defaultValue: GroupBy.HOST, description: 'What makes a group.' })
  groupBy?: overviews.GroupBy;

  @Field(() => String, { nullable: true, description: 'With `METADATA`: the dotted path whose value groups.' })
  metadataPath?: string;

  @Field(() => TopologyFilter, { nullable: true, description: 'Which part of the topology; all unless given.' })
  filter?: TopologyFilter;

  @Field(() => NodeMeasure, { nullable: true, description: 'What is measured of the nodes of each group: `NodeGroup.most`.' })
  measure?: Measure;

  @Field(() => String, { nullable: true, description: 'With `NUMBER`: the dotted path of the number.' })
  measurePath?: string;
}

@Resolver(() => TopologyOverview)
export class OverviewResolver {
  @Query(() => TopologyOverview, {
    description:
      'Groups of nodes with counts, states and the sums of the links and traffic between them: what a screen shows before anything is opened.',
  })
  topologyOverview(
    @Ctx() context: Context,
    @Args(() => OverviewArgs) args: OverviewArgs,
    @Arg('at', () => DateTime, { nullable: true }) at?: Instant,
  ): Awaitable<overviews.Overview> {
    return overviews.overview(context, args, at, context.services.places);
  }
}
