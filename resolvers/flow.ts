import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { Capture } from '../schema/capture.js';
import { FlowDimension, FlowMeasure } from '../schema/enums.js';
import { Flow, FlowConnection, FlowEnd, FlowEvent, FlowGroup, RawPacket } from '../schema/flow.js';
import { FlowFilter, FlowOrder } from '../schema/flowFilter.js';
import { Host } from '../schema/host.js';
import { BatchInput, TimeRange } from '../schema/inputs.js';
import { Node } from '../schema/node.js';
import { ForwardPage } from '../schema/page.js';
import { Cursor, DateTime, Duration } from '../schema/scalars/index.js';
import { Socket } from '../schema/socket.js';
import type { Awaitable } from '../src/services/awaitable.js';
import { captureView, type CaptureView } from '../src/services/captures/views.js';
import type { NodeView } from '../src/services/elementView.js';
import { flowFeed, type FlowEventView, type FlowStreamQuery } from '../src/services/flows/feed.js';
import type { SocketView } from '../src/services/sockets.js';
import type * as flows from '../src/services/flows/flowService.js';
import type { Position } from '../src/graph/position.js';
import type { FlowEndView, FlowView } from '../src/services/flows/flowView.js';
import type { FlowGroupView } from '../src/services/flows/summary.js';
import type { Instant } from '../src/services/instant.js';
import type { Context } from './context.js';

@ArgsType()
class NodeFlowsArgs extends ForwardPage {
  @Field(() => FlowFilter, { nullable: true, description: 'Which flows; all unless given.' })
  filter?: FlowFilter;

  @Field(() => FlowOrder, { nullable: true, description: 'In which order; the latest packet first unless given.' })
  orderBy?: FlowOrder;
}

@ArgsType()
class FlowsArgs extends NodeFlowsArgs {
  @Field(() => DateTime, { nullable: true, description: 'As they stood at this instant; now unless given.' })
  at?: Instant;

  @Field(() => TimeRange, { nullable: true, description: 'Those that were there within this time, as they stood at its end.' })
  between?: TimeRange;
}

@ArgsType()
class SummaryArgs implements flows.SummaryRequest {
  @Field(() => [FlowDimension], { description: 'What groups have in common.' })
  groupBy!: flows.FlowDimension[];

  @Field(() => FlowFilter, { nullable: true, description: 'Which flows; all unless given.' })
  filter?: FlowFilter;

  @Field(() => TimeRange, { description: 'What was counted within this time.' })
  between!: TimeRange;

  @Field(() => Duration, { nullable: true, description: 'Length of the steps of `TIME`; a sixtieth of the range unless given.' })
  step?: number;

  @Field(() => FlowMeasure, {
    nullable: true,
    defaultValue: 'BYTES',
    description: 'The largest first; with `TIME` the steps of each in their order.',
  })
  orderBy?: 'BYTES' | 'PACKETS' | 'FLOWS';

  @Field(() => Int, { nullable: true, defaultValue: 20, description: 'Groups at most, 1 to 10,000; with `TIME` each has all its steps.' })
  limit?: number;
}

@ArgsType()
class FlowChangesArgs implements FlowStreamQuery {
  @Field(() => FlowFilter, { nullable: true, description: 'Which flows; all unless given.' })
  filter?: FlowFilter;

  @Field(() => Cursor, { nullable: true, description: 'Where an earlier subscription ended. Without: from now on.' })
  after?: Position;

  @Field(() => BatchInput, { nullable: true, description: 'How changes are put together: `every` is 1s unless given.' })
  batch?: BatchInput;
}

@Resolver(() => Flow)
export class FlowResolver {
  @Query(() => FlowConnection, {
    nullable: true,
    description:
      "Flows that match. Without a time those in the agents' tables as they stand now, asked for this answer; with one from the store. `source` says which.",
  })
  flows(@Ctx() context: Context, @Args(() => FlowsArgs) args: FlowsArgs): Promise<flows.FlowConnectionView> {
    return context.services.flows.flows(context, args);
  }

  @Query(() => [FlowGroup], {
    nullable: true,
    description:
      'Group, sum, rank: top talkers, traffic by application, by host. From the updates that agents sent, so the last minute may still be missing. At most `limit`.',
  })
  flowSummary(@Ctx() context: Context, @Args(() => SummaryArgs) args: SummaryArgs): Promise<readonly FlowGroupView[]> {
    return context.services.flows.summary(context, args);
  }

  @FieldResolver(() => Flow, { nullable: true, description: 'Tunnel that carries this flow.' })
  parent(@Root() flow: FlowView, @Ctx() context: Context): Promise<FlowView | undefined> {
    return flow.parent(context);
  }

  @FieldResolver(() => [Flow], { description: 'Flows that this tunnel carries; the first 1,000.' })
  children(@Root() flow: FlowView, @Ctx() context: Context): Promise<readonly FlowView[]> {
    return flow.children(context);
  }

  @FieldResolver(() => Node, { nullable: true, description: "Where it was captured, at the flow's time." })
  captureNode(@Root() flow: FlowView, @Ctx() context: Context): Awaitable<NodeView | undefined> {
    return flow.captureNode(context);
  }

  @FieldResolver(() => Capture, { nullable: true, description: 'The capture, where it is still there.' })
  async capture(@Root() { captureId }: FlowView, @Ctx() context: Context): Promise<CaptureView | undefined> {
    const capture = captureId === undefined ? undefined : await context.services.captures.get(context, captureId);
    return capture && captureView(capture);
  }

  @FieldResolver(() => [RawPacket], {
    description:
      'Packets that were kept, in order; at most ten for a flow of one capture. As a file: `GET /flows/ID/packets.pcapng`, or `.pcap`.',
  })
  async rawPackets(
    @Root() flow: FlowView,
    @Ctx() context: Context,
    @Arg('first', () => Int, { nullable: true, description: 'At most so many.' }) first?: number,
  ): Promise<object[]> {
    const packets = await context.services.flows.rawPackets(context, flow.flow, flow.isLive);
    return packets.slice(0, first ?? packets.length).map(({ Timestamp, Nanos, Index, LinkType, WireLength, Data }) => ({
      timestamp: Timestamp,
      nanos: Nanos,
      index: Index,
      linkType: LinkType,
      wireLength: WireLength,
      data: Data,
    }));
  }

  @FieldResolver(() => FlowEnd, { description: 'Who sent the first packet.' })
  a(@Root() flow: FlowView): FlowEndView {
    return flow.a;
  }

  @FieldResolver(() => FlowEnd, { description: 'The other end.' })
  b(@Root() flow: FlowView): FlowEndView {
    return flow.b;
  }

  @Subscription(() => FlowEvent, {
    subscribe: ({ context, args }: { context: unknown; args: unknown }) =>
      flowFeed(context as Context, (context as Context).services.flows, args as FlowChangesArgs) as never,
    description:
      'Flows as they come and change, each at most once in an event. Who is too slow is told how many changes were skipped. Reconnect with `after: <last cursor>`.',
  })
  flowChanges(@Root() event: FlowEventView, @Args(() => FlowChangesArgs) _args: FlowChangesArgs): FlowEventView {
    return event;
  }
}

@Resolver(() => FlowEnd)
export class FlowEndResolver {
  @FieldResolver(() => Node, {
    nullable: true,
    description: "The interface that has its address, at the flow's time; `null` where nobody watches.",
  })
  node(@Root() end: FlowEndView, @Ctx() context: Context): Awaitable<NodeView | undefined> {
    return end.node(context);
  }

  @FieldResolver(() => Host, { nullable: true, description: 'The machine that it is on.' })
  host(@Root() end: FlowEndView, @Ctx() context: Context): Awaitable<NodeView | undefined> {
    return end.host(context);
  }

  @FieldResolver(() => Socket, {
    nullable: true,
    description:
      "The process that talks there, from the open sockets of its machine at the flow's time (`Sockets`); `null` where they are not known.",
  })
  process(@Root() end: FlowEndView, @Ctx() context: Context): Awaitable<SocketView | undefined> {
    return end.process(context);
  }
}

@Resolver(() => Node)
export class NodeFlowsResolver {
  @FieldResolver(() => FlowConnection, { nullable: true, description: 'Flows captured on this node, at the instant that is looked at.' })
  flows(
    @Root() node: NodeView,
    @Args(() => NodeFlowsArgs) args: NodeFlowsArgs,
    @Ctx() context: Context,
  ): Promise<flows.FlowConnectionView> {
    return context.services.flows.flowsOn(context, node, args);
  }
}
