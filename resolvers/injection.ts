import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Injection, InjectPacketsInput, InjectPacketsPayload } from '../schema/injection.js';
import { Node } from '../schema/node.js';
import type { NodeView } from '../src/services/elementView.js';
import { injectionView, requestOf, type InjectionView } from '../src/services/injections/names.js';
import { nodeViewOf } from '../src/services/nodeViews.js';
import type { Context } from './context.js';

@Resolver(() => Injection)
export class InjectionResolver {
  @Query(() => [Injection], { description: 'Injections that run, and those that ended in the last ten minutes. Usually a handful.' })
  injections(@Ctx() context: Context): InjectionView[] {
    return context.services.injections.list(context).map(injectionView);
  }

  @Query(() => Injection, { nullable: true, description: 'One injection; `null` when there is none with this id.' })
  injection(@Ctx() context: Context, @Arg('id', () => ID) id: string): InjectionView | undefined {
    const injection = context.services.injections.get(context, id);
    return injection && injectionView(injection);
  }

  @FieldResolver(() => Node, { nullable: true, description: 'The node that sends; `null` when it is gone.' })
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
  cancelInjection(@Ctx() context: Context, @Arg('id', () => ID) id: string): { readonly injection: InjectionView } {
    return { injection: injectionView(context.services.injections.cancel(context, id)) };
  }
}
