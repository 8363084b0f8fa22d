import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { CreateViewInput, DeleteViewPayload, UpdateViewInput, View, ViewPayload } from '../schema/view.js';
import type * as views from '../src/services/views.js';
import type { Context } from './context.js';

@Resolver(() => View)
export class ViewResolver {
  @Query(() => [View], { nullable: true, description: 'Views that somebody gave a name, by name. Some dozens.' })
  views(@Ctx() context: Context): Promise<readonly views.View[]> {
    return context.services.views.list(context);
  }

  @Query(() => View, { nullable: true, description: 'One view; `null` when there is none with this id.' })
  view(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<views.View | undefined> {
    return context.services.views.get(context, id);
  }

  @Mutation(() => ViewPayload, { description: 'Give a view a name and keep it for everybody.' })
  async createView(@Ctx() context: Context, @Arg('input', () => CreateViewInput) input: CreateViewInput): Promise<{ view: views.View }> {
    return { view: await context.services.views.create(context, input) };
  }

  @Mutation(() => ViewPayload, { description: 'Give a view another name or address. `CONFLICT` when somebody else was faster.' })
  async updateView(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
    @Arg('input', () => UpdateViewInput) { name, address }: UpdateViewInput,
  ): Promise<{ view: views.View }> {
    return { view: await context.services.views.change(context, id, { name: name ?? undefined, address: address ?? undefined }) };
  }

  @Mutation(() => DeleteViewPayload, { description: 'Forget a view.' })
  async deleteView(@Ctx() context: Context, @Arg('id', () => ID) id: string): Promise<{ id: string }> {
    await context.services.views.remove(context, id);
    return { id };
  }
}
