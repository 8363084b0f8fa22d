import { Arg, Args, ArgsType, Ctx, Field, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { TimeRange } from '../schema/inputs.js';
import {
  InterfaceCounters,
  InterfaceRate,
  NeighborEntryConnection,
  NetworkInterface,
  RouteConnection,
} from '../schema/networkInterface.js';
import { NetworkNamespace } from '../schema/networkNamespace.js';
import { ForwardPage } from '../schema/page.js';
import { Duration } from '../schema/scalars/index.js';
import type { Awaitable } from '../src/services/awaitable.js';
import * as interfaces from '../src/services/interfaces.js';
import type * as measurements from '../src/services/measurements.js';
import type { NetworkInterfaceView, NetworkNamespaceView } from '../src/services/nodeViews.js';
import type { Context } from './context.js';

@ArgsType()
class RoutesArgs extends ForwardPage {
  @Field(() => Int, { nullable: true, description: 'Only of this routing table: 254 is main; all unless given.' })
  table?: number;
}

@Resolver(() => NetworkInterface)
export class NetworkInterfaceResolver {
  @FieldResolver(() => NetworkInterface, { nullable: true, description: 'The bridge, bond or VRF that it belongs to.' })
  master(@Root() link: NetworkInterfaceView): NetworkInterfaceView | undefined {
    return interfaces.masterOf(link);
  }

  @FieldResolver(() => NetworkInterface, { nullable: true, description: 'Other end of a veth pair, in whichever namespace.' })
  peer(@Root() link: NetworkInterfaceView): NetworkInterfaceView | undefined {
    return interfaces.peerOf(link);
  }

  @FieldResolver(() => NetworkNamespace, { nullable: true, description: "Namespace that it is in; `null` in the host's own." })
  namespace(@Root() link: NetworkInterfaceView): NetworkNamespaceView | undefined {
    return interfaces.namespaceOf(link);
  }

  @FieldResolver(() => RouteConnection, { description: 'Routes that leave through it.' })
  routes(@Root() link: NetworkInterfaceView, @Args(() => RoutesArgs) args: RoutesArgs, @Ctx() { services }: Context): unknown {
    return interfaces.routesOf(link, args, services.topology.limits.pageSize);
  }

  @FieldResolver(() => NeighborEntryConnection, { description: 'Neighbours on its link: who has which address (ARP, NDP).' })
  neighborTable(@Root() link: NetworkInterfaceView, @Args(() => ForwardPage) page: ForwardPage, @Ctx() { services }: Context): unknown {
    return interfaces.neighborTableOf(link, page, services.topology.limits.pageSize);
  }

  @FieldResolver(() => NeighborEntryConnection, { description: 'Forwarding table of the bridge or tunnel, for this interface.' })
  forwardingTable(@Root() link: NetworkInterfaceView, @Args(() => ForwardPage) page: ForwardPage, @Ctx() { services }: Context): unknown {
    return interfaces.forwardingTableOf(link, page, services.topology.limits.pageSize);
  }

  @FieldResolver(() => InterfaceCounters, {
    nullable: true,
    description: 'Totals since it came up, as last read; `null` where none are known.',
  })
  counters(
    @Root() link: NetworkInterfaceView,
    @Ctx() { services, loaders }: Context,
  ): Awaitable<measurements.InterfaceCounters | undefined> {
    return link.there.isLive ? services.measurements.presentCounters(link.there, link.id) : loaders.counters(link);
  }

  @FieldResolver(() => [InterfaceRate], {
    nullable: true,
    description:
      'Rates over time. Without `between` those of the latest interval between two readings. A step without readings says zero: agents are silent while nothing moves.',
  })
  rates(
    @Root() link: NetworkInterfaceView,
    @Ctx() { services, loaders }: Context,
    @Arg('between', () => TimeRange, { nullable: true }) between?: TimeRange,
    @Arg('step', () => Duration, { nullable: true, defaultValue: 30_000, description: 'At most 2,000 of them fit into one answer.' })
    stepMs = 30_000,
  ): Awaitable<readonly measurements.InterfaceRate[]> {
    if (between) return loaders.rates(link, between, stepMs);
    return link.there.isLive ? services.measurements.presentRates(link.there, link.id) : loaders.latestRates(link);
  }
}
