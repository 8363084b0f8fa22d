import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { ChangeConnection, RevisionConnection } from '../schema/change.js';
import { ChangeBucket } from '../schema/coverage.js';
import { ChangeOp } from '../schema/enums.js';
import { TimeRange, TopologyFilter } from '../schema/inputs.js';
import { ForwardPage } from '../schema/page.js';
import { Duration } from '../schema/scalars/index.js';
import type * as changes from '../src/services/changes.js';
import type { Context } from './context.js';

const KINDS = 'Only of nodes of these types and of edges of these relations: `["veth", "layer2"]`; all unless given.';

@ArgsType()
class ChangesArgs extends ForwardPage {
  @Field(() => TimeRange, { description: 'Between which instants.' })
  between!: TimeRange;

  @Field(() => TopologyFilter, {
    nullable: true,
    description:
      'Changes of elements that it selects at the start or the end, and of those whose own fields match before or after the change; all unless given.',
  })
  filter?: TopologyFilter;

  @Field(() => [ChangeOp], { nullable: true, description: 'Only what appeared, changed or went; all unless given.' })
  ops?: string[];

  @Field(() => [String], { nullable: true, description: KINDS })
  kinds?: string[];
}

@Resolver(() => ChangeConnection)
export class ChangeResolver {
  @Query(() => ChangeConnection, { description: 'Every change, in order.' })
  changes(@Ctx() context: Context, @Args(() => ChangesArgs) args: ChangesArgs): Promise<changes.ChangePage> {
    return context.services.changes.list(context, args);
  }

  @Query(() => [ChangeBucket], {
    description: 'How many changes in each step, by kind; at most 5,000 steps, each there also when it is empty.',
  })
  changeHistogram(
    @Ctx() context: Context,
    @Arg('between', () => TimeRange) between: TimeRange,
    @Arg('step', () => Duration) stepMs: number,
    @Arg('filter', () => TopologyFilter, { nullable: true }) filter?: TopologyFilter,
    @Arg('kinds', () => [String], { nullable: true, description: KINDS }) kinds?: string[],
  ): Promise<changes.ChangeBucket[]> {
    return context.services.changes.histogram(context, { between, stepMs, filter, kinds });
  }

  @FieldResolver(() => Int, { description: 'Changes in the whole list. Counting reads all of it.' })
  totalCount(@Root() page: changes.ChangePage): Promise<number> {
    return page.countAll();
  }
}

@Resolver(() => RevisionConnection)
export class RevisionResolver {
  @FieldResolver(() => Int, { description: 'Revisions in the whole list. Counting reads all of it.' })
  totalCount(@Root() page: changes.ChangePage): Promise<number> {
    return page.countAll();
  }
}
