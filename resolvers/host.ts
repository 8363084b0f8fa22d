import { Args, ArgsType, Ctx, Field, FieldResolver, Resolver, Root } from 'type-graphql';
import { Host } from '../schema/host.js';
import { NetworkNamespace } from '../schema/networkNamespace.js';
import { NodeConnection } from '../schema/node.js';
import { ForwardPage } from '../schema/page.js';
import { SocketConnection, SocketFilter } from '../schema/socket.js';
import { Agent } from '../schema/status.js';
import type { Awaitable } from '../src/services/awaitable.js';
import type { NodeView } from '../src/services/elementView.js';
import { isInterface } from '../src/services/kinds.js';
import { namespacesOf } from '../src/services/relations.js';
import { socketPage } from '../src/services/sockets.js';
import type { AgentStatus } from '../src/services/status.js';
import type * as topology from '../src/services/topology.js';
import type { Context } from './context.js';
import { OwnedArgs } from './ownedArgs.js';

@ArgsType()
class SocketsArgs extends ForwardPage {
  @Field(() => SocketFilter, { nullable: true, description: 'Which sockets; all unless given.' })
  filter?: SocketFilter;
}

@Resolver(() => Host)
export class HostResolver {
  @FieldResolver(() => Agent, { nullable: true, description: 'The agent that watches it, as it is now.' })
  agent(@Root() host: NodeView, @Ctx() { services }: Context): AgentStatus | undefined {
    return services.status.agentOf(host.origin);
  }

  @FieldResolver(() => NodeConnection, { description: "Interfaces in the host's own namespace." })
  interfaces(@Root() host: NodeView, @Args(() => OwnedArgs) args: OwnedArgs, @Ctx() context: Context): Awaitable<topology.NodeConnection> {
    return context.services.relations.children(context.scope, host, args, isInterface);
  }

  @FieldResolver(() => [NetworkNamespace], { description: 'Its other network namespaces, by id; the first 1,000.' })
  namespaces(@Root() host: NodeView): NodeView[] {
    return namespacesOf(host);
  }
  @FieldResolver(() => SocketConnection, {
    nullable: true,
    description: 'Open sockets and the processes that have them, by local port (`Sockets`); `null` where nobody looks at them.',
  })
  sockets(@Root() host: NodeView, @Args(() => SocketsArgs) args: SocketsArgs, @Ctx() { services }: Context): unknown {
    return socketPage(host, args, services.topology.limits.pageSize);
  }
}
