import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Coverage } from '../schema/coverage.js';
import { ElementChangeConnection, TopologyDiff } from '../schema/diff.js';
import { ElementConnection } from '../schema/element.js';
import { TopologyFilter } from '../schema/inputs.js';
import { ForwardPage } from '../schema/page.js';
import { DateTime } from '../schema/scalars/index.js';
import type * as coverage from '../src/services/coverage.js';
import type { DifferencePage, Diff, ElementPage } from '../src/services/diff.js';
import type { Instant } from '../src/services/instant.js';
import type { Context } from './context.js';

@Resolver(() => TopologyDiff)
export class DiffResolver {
  @Query(() => TopologyDiff, {
    description: 'What is different between two instants, each element once, with before and after for every path.',
  })
  topologyDiff(
    @Ctx() context: Context,
    @Arg('from', () => DateTime) from: Instant,
    @Arg('to', () => DateTime, { nullable: true, defaultValue: { agoMs: 0 } }) to?: Instant,
    @Arg('filter', () => TopologyFilter, { nullable: true }) filter?: TopologyFilter,
  ): Promise<Diff> {
    return context.services.diffs.between(context, { from, to, filter });
  }

  @FieldResolver(() => Coverage, { description: 'What was watched in between.' })
  coverage(@Root() diff: Diff, @Ctx() { services, scope }: Context): Promise<coverage.Coverage> {
    return services.coverage(scope, diff.from, diff.to);
  }

  @FieldResolver(() => ElementConnection, { description: 'There at the later instant only.' })
  added(@Root() diff: Diff, @Args(() => ForwardPage) page: ForwardPage, @Ctx() { scope }: Context): Promise<ElementPage> {
    return diff.added(scope, page);
  }

  @FieldResolver(() => ElementConnection, { description: 'There at the earlier instant only; shown as it was then.' })
  removed(@Root() diff: Diff, @Args(() => ForwardPage) page: ForwardPage, @Ctx() { scope }: Context): Promise<ElementPage> {
    return diff.removed(scope, page);
  }

  @FieldResolver(() => ElementChangeConnection, { description: 'There at both, and different.' })
  changed(@Root() diff: Diff, @Args(() => ForwardPage) page: ForwardPage, @Ctx() { scope }: Context): Promise<DifferencePage> {
    return diff.changed(scope, page);
  }
}
