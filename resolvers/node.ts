import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Info, Int, Query, Resolver, Root } from 'type-graphql';
import { Direction } from '../schema/enums.js';
import { EdgeConnection } from '../schema/edge.js';
import { RevisionConnection } from '../schema/change.js';
import { EdgeFilter, NodeFilter, NodeOrder, TimeRange } from '../schema/inputs.js';
import { Node, NodeConnection } from '../schema/node.js';
import { ForwardPage, Page } from '../schema/page.js';
import { DateTime, JSONValue } from '../schema/scalars/index.js';
import type { Json } from '../src/common/json.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type { ChangePage } from '../src/services/changes.js';
import type { NodeView } from '../src/services/elementView.js';
import type { Direction as DirectionShape } from '../src/graph/walk/steps.js';
import type { Instant } from '../src/services/instant.js';
import { ancestorsOf, parentOf } from '../src/services/relations.js';
import type * as topology from '../src/services/topology.js';
import type { Context } from './context.js';
import { staysWithElement } from './lookAhead.js';

@ArgsType()
class NodesArgs extends Page {
  @Field(() => NodeFilter, { nullable: true, description: 'Which nodes; all unless given.' })
  filter?: NodeFilter;

  @Field(() => NodeOrder, { nullable: true, description: 'In which order; by id unless given.' })
  orderBy?: NodeOrder;

  @Field(() => DateTime, {
    nullable: true,
    description: 'At which instant; now unless given. A later page is of the moment of its cursor.',
  })
  at?: Instant;
}

@ArgsType()
class ChildrenArgs extends Page {
  @Field(() => NodeFilter, { nullable: true, description: 'Which of them; all unless given.' })
  filter?: NodeFilter;

  @Field(() => NodeOrder, { nullable: true, description: 'In which order; by id unless given.' })
  orderBy?: NodeOrder;
}

@ArgsType()
class EdgesOfArgs extends ForwardPage {
  @Field(() => Direction, { nullable: true, defaultValue: Direction.BOTH, description: 'Which end the node is.' })
  direction?: DirectionShape;

  @Field(() => EdgeFilter, { nullable: true, description: 'Which of them; all unless given.' })
  filter?: EdgeFilter;
}

@ArgsType()
class NeighborsArgs extends ForwardPage {
  @Field(() => Direction, { nullable: true, defaultValue: Direction.BOTH, description: 'Along which edges.' })
  direction?: DirectionShape;

  @Field(() => EdgeFilter, { nullable: true, description: 'Along edges that match; all unless given.' })
  via?: EdgeFilter;

  @Field(() => NodeFilter, {
    nullable: true,
    description: 'Which of the nodes found; all unless given. The way there may lead through others.',
  })
  filter?: NodeFilter;

  @Field(() => Int, { nullable: true, defaultValue: 1, description: 'At most so many edges away, 1 to 10.' })
  depth?: number;
}

@ArgsType()
class HistoryArgs extends ForwardPage {
  @Field(() => TimeRange, { nullable: true, description: 'Only between these instants; all that is kept unless given.' })
  between?: TimeRange;
}

@Resolver(() => Node)
export class NodeResolver {
  @Query(() => Node, { nullable: true, description: 'One node; `null` when there was none with this id at the instant.' })
  node(
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('id', () => ID) id: string,
    @Arg('at', () => DateTime, { nullable: true }) at?: Instant,
  ): Awaitable<NodeView | undefined> {
    return context.services.topology.node(context, id, at, staysWithElement(info));
  }

  @Query(() => NodeConnection, { description: 'Nodes that match, by pages.' })
  nodes(@Ctx() context: Context, @Args(() => NodesArgs) args: NodesArgs): Awaitable<topology.NodeConnection> {
    return context.services.topology.nodes(context, args);
  }

  @FieldResolver(() => JSONValue, {
    nullable: true,
    description: 'The whole metadata object, or what a dotted path reaches in it (`K8s.Namespace`; through lists it collects).',
  })
  metadata(@Root() node: NodeView, @Arg('path', () => String, { nullable: true }) path?: string): Json | undefined {
    return node.metadataAt(path);
  }

  @FieldResolver(() => Node, { nullable: true, description: 'The one node that owns this one.' })
  parent(@Root() node: NodeView): NodeView | undefined {
    return parentOf(node);
  }

  @FieldResolver(() => [Node], { description: 'Owners, nearest first. At most as many as owners are nested.' })
  ancestors(@Root() node: NodeView): NodeView[] {
    return ancestorsOf(node);
  }

  @FieldResolver(() => NodeConnection, { description: 'What it owns.' })
  children(
    @Root() node: NodeView,
    @Args(() => ChildrenArgs) args: ChildrenArgs,
    @Ctx() context: Context,
  ): Awaitable<topology.NodeConnection> {
    return context.services.relations.children(context.scope, node, args);
  }

  @FieldResolver(() => EdgeConnection, { description: 'Edges that start or end here.' })
  edges(@Root() node: NodeView, @Args(() => EdgesOfArgs) args: EdgesOfArgs, @Ctx() context: Context): Awaitable<topology.EdgeConnection> {
    return context.services.relations.edges(context.scope, node, args);
  }

  @FieldResolver(() => NodeConnection, { description: 'Nodes that edges lead to, each once, without this one.' })
  neighbors(
    @Root() node: NodeView,
    @Args(() => NeighborsArgs) args: NeighborsArgs,
    @Ctx() context: Context,
  ): Awaitable<topology.NodeConnection> {
    return context.services.relations.neighbors(context.scope, node, args);
  }

  @FieldResolver(() => RevisionConnection, {
    nullable: true,
    description: 'Its changes up to the instant that is looked at, newest first.',
  })
  history(@Root() node: NodeView, @Args(() => HistoryArgs) args: HistoryArgs, @Ctx() { loaders }: Context): Promise<ChangePage> {
    return loaders.history(node, args);
  }
}
