import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import {
  Capture,
  CaptureAbility,
  CaptureActivity,
  CaptureConnection,
  CaptureEvent,
  CapturePreview,
  CreateCaptureInput,
  CreateCapturePayload,
  DeleteCapturePayload,
  HostAbilities,
} from '../schema/capture.js';
import { Node } from '../schema/node.js';
import { ForwardPage } from '../schema/page.js';
import { Cursor } from '../schema/scalars/index.js';
import { Agent } from '../schema/status.js';
import type { Position } from '../src/graph/position.js';
import { captureEvents, type ShownCaptureEvent } from '../src/services/captures/feed.js';
import { requestOf, shownName } from '../src/services/captures/names.js';
import {
  abilitiesView,
  activitiesOn,
  activityView,
  captureView,
  type AbilitiesView,
  type ActivityView,
  type CaptureView,
} from '../src/services/captures/views.js';
import type { NodeView } from '../src/services/elementView.js';
import { nodeViewOf } from '../src/services/nodeViews.js';
import type { AgentStatus } from '../src/services/status.js';
import type { Context } from './context.js';

@ArgsType()
class CaptureChangesArgs {
  @Field(() => Cursor, { nullable: true, description: 'Where an earlier subscription ended. Without: everything that there is, first.' })
  after?: Position;
}

@Resolver(() => Capture)
export class CaptureResolver {
  @Query(() => CaptureConnection, { nullable: true, description: 'All captures, the oldest first.' })
  captures(@Ctx() context: Context, @Args(() => ForwardPage) page: ForwardPage): Promise<unknown> {
    return context.services.captures.page(context, page, context.services.topology.limits.pageSize);
  }

  @Query(() => Capture, { nullable: true, description: 'One capture; `null` when there is none with this id.' })
  async capture(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<CaptureView | undefined> {
    const capture = await context.services.captures.get(context, id);
    return capture && captureView(capture);
  }

  @Query(() => CapturePreview, {
    nullable: true,
    description:
      'What `createCapture` would do with the same input: on which nodes it would run, and where not, with the reason. Nothing is made.',
  })
  async capturePreview(@Ctx() context: Context, @Arg('input', () => CreateCaptureInput) input: CreateCaptureInput): Promise<object> {
    const { total, nodes, duplicateOf } = await context.services.captures.preview(context, requestOf(input));
    return {
      total,
      nodes: nodes.map(({ type, ...shown }) => ({ ...shown, type: shownName(type) })),
      duplicateOf: duplicateOf && captureView(duplicateOf),
    };
  }

  @FieldResolver(() => [CaptureActivity], { description: 'How it fares on each of its nodes, now. At most as many as it has nodes.' })
  activities(@Root() { id }: CaptureView, @Ctx() { services }: Context): ActivityView[] {
    return services.captures.activitiesOf(id).map((activity) => activityView(activity));
  }

  @Mutation(() => CreateCapturePayload, {
    description:
      'Capture packets of nodes, now and as long as they match. `CONFLICT` for one that exists already; `BAD_INPUT` for what is not possible on any of the nodes, with what is.',
  })
  async createCapture(
    @Ctx() context: Context,
    @Arg('input', () => CreateCaptureInput) input: CreateCaptureInput,
  ): Promise<{ readonly capture: CaptureView }> {
    return { capture: captureView(await context.services.captures.create(context, requestOf(input))) };
  }

  @Mutation(() => DeleteCapturePayload, { description: 'End a capture. Its flows are kept.' })
  async deleteCapture(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<{ readonly capture: CaptureView }> {
    return { capture: captureView(await context.services.captures.remove(context, id)) };
  }

  @Subscription(() => CaptureEvent, {
    subscribe: ({ context, args }: { context: unknown; args: unknown }) =>
      captureEvents(context as Context, (context as Context).services.captures, (args as CaptureChangesArgs).after ?? undefined) as never,
    description:
      'What happens to captures from now on; begins with one `CREATED` for each that there is and one `CHANGED` for each of its nodes, or with what happened since `after`.',
  })
  captureChanges(@Root() event: ShownCaptureEvent, @Args(() => CaptureChangesArgs) _args: CaptureChangesArgs): ShownCaptureEvent {
    return event;
  }
}

@Resolver(() => CaptureActivity)
export class CaptureActivityResolver {
  @FieldResolver(() => Node, { nullable: true, description: 'The node; `null` when it is gone.' })
  node(@Root() { nodeId, nodeView }: ActivityView, @Ctx() context: Context): NodeView | undefined {
    return nodeView ?? presentNode(context, nodeId);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description:
      'On the interface to which a port of a switch is mirrored (`OVSMIRROR`): the port, whose flows they are. `null` elsewhere.',
  })
  mirrorOf(@Root() { mirrorOf }: ActivityView, @Ctx() context: Context): NodeView | undefined {
    return mirrorOf === undefined ? undefined : presentNode(context, mirrorOf);
  }

  @FieldResolver(() => Capture, { nullable: true, description: 'The capture; `null` when it is gone by now.' })
  async capture(@Root() { captureId }: ActivityView, @Ctx() context: Context): Promise<CaptureView | undefined> {
    const capture = await context.services.captures.get(context, captureId);
    return capture && captureView(capture);
  }
}

@Resolver(() => Agent)
export class AgentAbilitiesResolver {
  @FieldResolver(() => HostAbilities, {
    nullable: true,
    description: 'What may and can be captured and sent there; `null` where the agent is away.',
  })
  abilities(@Root() { id }: AgentStatus, @Ctx() { services }: Context): AbilitiesView | undefined {
    const abilities = services.captures.abilitiesOf(id);
    return abilities && abilitiesView(abilities);
  }
}

@Resolver(() => Node)
export class NodeCapturesResolver {
  @FieldResolver(() => [CaptureActivity], {
    nullable: true,
    description: 'Captures that run on this node at this instant. Usually one or two.',
  })
  captures(@Root() node: NodeView, @Ctx() { services }: Context): ActivityView[] {
    return activitiesOn(node, (capture, id) => services.captures.activityOn(capture, id));
  }

  @FieldResolver(() => [CaptureAbility], {
    nullable: true,
    description:
      'Kinds of capture for this node, the default first, each with why it cannot be had on its host; none where nothing can be captured, `null` where the agent is away.',
  })
  captureAbilities(@Root() node: NodeView, @Ctx() { services }: Context): object[] | undefined {
    return services.captures.abilitiesOn(node)?.map(({ type, impossible }) => ({ type: shownName(type), impossible }));
  }
}

function presentNode({ scope }: Context, id: string): NodeView | undefined {
  const moment = scope.present();
  const node = moment.graph.node(id);
  return node && nodeViewOf(node, moment);
}
