import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import { PublishTopologyInput, PublishTopologyPayload, RemoveElementsPayload, UpdateNodePayload } from '../schema/publish.js';
import { JSONValue } from '../schema/scalars/index.js';
import type { Json } from '../src/common/json.js';
import type { Published, RemovedElements, UpdatedNode } from '../src/services/publish/publisher.js';
import type { Context } from './context.js';

@Resolver()
export class PublishResolver {
  @Mutation(() => PublishTopologyPayload, {
    description:
      'Publish elements from outside an agent. Stable ids make it idempotent; `lease` removes what is not refreshed. A bad part refuses the whole call and is named by its path.',
  })
  publishTopology(@Ctx() context: Context, @Arg('input', () => PublishTopologyInput) input: PublishTopologyInput): Promise<Published> {
    return context.services.publisher.publish(context, input);
  }

  @Mutation(() => UpdateNodePayload, {
    description:
      "Lay values over a node's metadata. The owner's own values stay below, come back on `unset`, and a restart of the agent keeps yours.",
  })
  updateNodeMetadata(
    @Ctx() context: Context,
    @Arg('id', () => ID) id: string,
    @Arg('set', () => JSONValue, { nullable: true, description: 'Values by dotted path: `{"Site.Rack": "r12"}`.' }) set?: Json,
    @Arg('unset', () => [String], { nullable: true, description: 'Dotted paths of yours to take away.' }) unset?: string[],
  ): Promise<UpdatedNode> {
    return context.services.publisher.updateMetadata(context, id, set, unset);
  }

  @Mutation(() => RemoveElementsPayload, {
    description: 'Remove elements that publishers gave. What agents see cannot be removed: it belongs to them (`FORBIDDEN`).',
  })
  removeElements(@Ctx() context: Context, @Arg('ids', () => [ID]) ids: string[]): Promise<RemovedElements> {
    return context.services.publisher.remove(context, ids);
  }
}
