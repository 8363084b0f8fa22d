import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Injection, InjectionSending, InjectPacketsInput, InjectPacketsPayload } from '../schema/injection.js';
import { Node } from '../schema/node.js';
import type { NodeView } from '../src/services/elementView.js';
import { injectionView, requestOf, type InjectionView, type SendingView } from '../src/services/injections/names.js';
import { nodeViewOf } from '../src/services/nodeViews.js';
import type { Context } from './context.js';

@Resolver(() => Injection)
export class InjectionResolver {
  @Query(() => [Injection], { description: 'Injections that run, and those that ended in the last ten minutes. Usually a handful.' })
  async injections(@Ctx() context: Context): Promise<InjectionView[]> {
    return (await context.services.injections.list(context)).map(injectionView);
  }

  @Query(() => Injection, { nullable: true, description: 'One injection; `null` when there is none with this id.' })
  async injection(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<InjectionView | undefined> {
    const injection = await context.services.injections.get(context, id);
    return injection && injectionView(injection);
  }

  @FieldResolver(() => Node, { nullable: true, description: 'The node that sends, the first of several; `null` when it is gone.' })
  node(@Root() { nodeId }: InjectionView, @Ctx() { scope }: Context): NodeView | undefined {
    const moment = scope.present();
    const node = moment.graph.node(nodeId);
    return node && nodeViewOf(node, moment);
  }

  @Mutation(() => InjectPacketsPayload, {
    description: 'Send packets from a node, as its agent allows (`agent.allow.inject`). `injection` says how it goes on.',
  })
  async injectPackets(
    @Ctx() context: Context,
    @Arg('input', () => InjectPacketsInput) input: InjectPacketsInput,
  ): Promise<{ readonly injection: InjectionView }> {
    return { injection: injectionView(await context.services.injections.start(context, requestOf(input))) };
  }

  @Mutation(() => InjectPacketsPayload, { description: 'Send no further packet.' })
  async cancelInjection(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<{ readonly injection: InjectionView }> {
    return { injection: injectionView(await context.services.injections.cancel(context, id)) };
  }
}

@Resolver(() => InjectionSending)
export class InjectionSendingResolver {
  @FieldResolver(() => Node, { nullable: true, description: 'The node; `null` when it is gone.' })
  node(@Root() { nodeId }: SendingView, @Ctx() { scope }: Context): NodeView | undefined {
    const moment = scope.present();
    const node = moment.graph.node(nodeId);
    return node && nodeViewOf(node, moment);
  }
}
