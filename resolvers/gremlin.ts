import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, Int, Query, Resolver } from 'type-graphql';
import { GremlinCompletions, GremlinExplanation, GremlinResult } from '../schema/gremlin.js';
import type * as completions from '../src/services/gremlinCompletions.js';
import type * as gremlin from '../src/services/gremlin.js';
import type { Context } from './context.js';
import { listsStayWithElements } from './lookAhead.js';

@Resolver(() => GremlinResult)
export class GremlinResolver {
  @Query(() => GremlinResult, {
    description:
      "A Gremlin string in Skydive's dialect, such as `G.V().Has('Type', 'veth').Count()`. A string that cannot be read is `GREMLIN_SYNTAX`; `details` have its line and column, what was expected and the nearest step.",
  })
  gremlin(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('query', () => String) query: string,
    @Arg('limit', () => Int, {
      nullable: true,
      description:
        'Most entries in each list; as many as a picture holds (`limits.pictureElements`) unless given. A document that asks much of each entry needs one.',
    })
    limit: number | null,
  ): Promise<gremlin.GremlinResult> {
    return context.services.gremlin.ask(context, query, { limit, needsGraph: !listsStayWithElements(info) });
  }

  @Query(() => GremlinCompletions, {
    description: 'Steps, predicates, and the keys and values of the live graph with which the beginning of a Gremlin string could go on.',
  })
  gremlinCompletions(
    @Ctx() context: Context,
    @Arg('query', () => String, { description: 'The string up to the cursor.' }) query: string,
  ): completions.GremlinCompletions {
    return context.services.gremlin.complete(context, query);
  }

  @Query(() => GremlinExplanation, { description: 'How the string reads, as a plan; nothing is run.' })
  gremlinExplain(@Ctx() context: Context, @Arg('query', () => String) query: string): gremlin.GremlinExplanation {
    return context.services.gremlin.explain(context, query);
  }
}
