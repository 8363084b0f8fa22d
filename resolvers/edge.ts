import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import { Edge, EdgeConnection } from '../schema/edge.js';
import { EdgeFilter } from '../schema/inputs.js';
import { Node } from '../schema/node.js';
import { Page } from '../schema/page.js';
import { DateTime, JSONValue } from '../schema/scalars/index.js';
import type { Json } from '../src/common/json.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type { EdgeView } from '../src/services/edgeView.js';
import type { NodeView } from '../src/services/elementView.js';
import type { Instant } from '../src/services/instant.js';
import type * as topology from '../src/services/topology.js';
import type { Context } from './context.js';
import { staysWithElement } from './lookAhead.js';

@ArgsType()
class EdgesArgs extends Page {
  @Field(() => EdgeFilter, { nullable: true, description: 'Which edges; all unless given.' })
  filter?: EdgeFilter;

  @Field(() => DateTime, {
    nullable: true,
    description: 'At which instant; now unless given. A later page is of the moment of its cursor.',
  })
  at?: Instant;
}

@Resolver(() => Edge)
export class EdgeResolver {
  @Query(() => Edge, { nullable: true, description: 'One edge; `null` when there was none with this id at the instant.' })
  edge(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('id', () => ID) id: string,
    @Arg('at', () => DateTime, { nullable: true }) at?: Instant,
  ): Awaitable<EdgeView | undefined> {
    return context.services.topology.edge(context, id, at, staysWithElement(info));
  }

  @Query(() => EdgeConnection, { description: 'Edges that match, by pages.' })
  edges(@Ctx() context: Context, @Args(() => EdgesArgs) args: EdgesArgs): Awaitable<topology.EdgeConnection> {
    return context.services.topology.edges(context, args);
  }

  @FieldResolver(() => JSONValue, { nullable: true, description: 'The whole metadata object, or what a dotted path reaches in it.' })
  metadata(@Root() edge: EdgeView, @Arg('path', () => String, { nullable: true }) path?: string): Json | undefined {
    return edge.metadataAt(path);
  }

  @FieldResolver(() => Node, { description: 'The node it starts at: for `ownership`, the owner.' })
  source(@Root() edge: EdgeView): NodeView {
    return edge.source;
  }

  @FieldResolver(() => Node, { description: 'The node it ends at.' })
  target(@Root() edge: EdgeView): NodeView {
    return edge.target;
  }
}
