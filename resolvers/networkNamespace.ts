import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { NetworkNamespace } from '../schema/networkNamespace.js';
import { NodeConnection } from '../schema/node.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type { NodeView } from '../src/services/elementView.js';
import { isContainer, isInterface } from '../src/services/kinds.js';
import type * as topology from '../src/services/topology.js';
import type { Context } from './context.js';
import { OwnedArgs } from './ownedArgs.js';

@Resolver(() => NetworkNamespace)
export class NetworkNamespaceResolver {
  @FieldResolver(() => NodeConnection, { description: 'Interfaces in it.' })
  interfaces(@Root() space: NodeView, @Args(() => OwnedArgs) args: OwnedArgs, @Ctx() context: Context): Awaitable<topology.NodeConnection> {
    return context.services.relations.children(context.scope, space, args, isInterface);
  }

  @FieldResolver(() => NodeConnection, { description: 'Containers that live in it.' })
  containers(@Root() space: NodeView, @Args(() => OwnedArgs) args: OwnedArgs, @Ctx() context: Context): Awaitable<topology.NodeConnection> {
    return context.services.relations.children(context.scope, space, args, isContainer);
  }
}
