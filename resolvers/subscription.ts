import { Args, ArgsType, Field, Resolver, Root, Subscription } from 'type-graphql';
import { MetricBatch, TopologyEvent } from '../schema/events.js';
import { GremlinChange } from '../schema/gremlin.js';
import { BatchInput, NodeFilter, TopologyFilter } from '../schema/inputs.js';
import { TopologyOverview } from '../schema/overview.js';
import { Cursor, Duration } from '../schema/scalars/index.js';
import { Status } from '../schema/status.js';
import type { Position } from '../src/graph/position.js';
import type * as gremlin from '../src/services/gremlinChanges.js';
import type * as live from '../src/services/live/events.js';
import type { Overview } from '../src/services/overview.js';
import type * as status from '../src/services/status.js';
import { shownEvent, shownMetrics, type Looked, type ShownEvent } from '../src/services/streams.js';
import type { Context } from './context.js';
import { OverviewArgs } from './overview.js';

@ArgsType()
class TopologyChangesArgs {
  @Field(() => TopologyFilter, { nullable: true, description: 'Which part of the topology; all unless given.' })
  filter?: TopologyFilter;

  @Field(() => Cursor, { nullable: true, description: 'Go on after this place instead of beginning with the picture.' })
  after?: Position;

  @Field(() => BatchInput, { nullable: true, description: 'How changes are put together.' })
  batch?: BatchInput;
}

@ArgsType()
class OverviewChangesArgs extends OverviewArgs {
  @Field(() => Duration, { nullable: true, defaultValue: 1_000, description: 'Least time between two events, at least 100ms.' })
  every?: number;
}

@ArgsType()
class MetricsArgs {
  @Field(() => NodeFilter, { description: 'Measurements of which nodes.' })
  nodes!: NodeFilter;

  @Field(() => Duration, { nullable: true, defaultValue: 5_000, description: 'Least time between two events, at least 100ms.' })
  every?: number;
}

@ArgsType()
class GremlinChangesArgs {
  @Field(() => String, { description: "A Gremlin string, such as `G.V().Has('State', 'DOWN')`." })
  query!: string;

  @Field(() => Duration, { nullable: true, defaultValue: 1_000, description: 'Least time between two runs, at least 100ms.' })
  every?: number;
}

/** Opens the source of a subscription; the server runs the feed for itself or shares it among equal subscriptions. */
const from =
  <Arguments>(open: (context: Context, args: Arguments) => AsyncIterable<unknown>) =>
  ({ context, args }: { context: unknown; args: unknown }) =>
    open(context as Context, args as Arguments) as never;

/** Each source is a feed of raw events; the method shows one. */
@Resolver()
export class SubscriptionResolver {
  @Subscription(() => TopologyEvent, {
    subscribe: from((context, args: TopologyChangesArgs) => context.services.streams.topologyChanges(context, args)),
    description:
      'First the picture (unless `after` is given), then every change to it, in order. An element that starts or stops matching appears as added or removed. Reconnect with `after: <last cursor>`: nothing is missed, nothing is repeated.',
  })
  topologyChanges(@Root() event: live.TopologyEvent, @Args(() => TopologyChangesArgs) _args: TopologyChangesArgs): ShownEvent {
    return shownEvent(event);
  }

  @Subscription(() => TopologyOverview, {
    subscribe: from((context, args: OverviewChangesArgs) => context.services.streams.overviewChanges(context, args)),
    description: 'The overview, and again whenever it is different.',
  })
  overviewChanges(@Root() looked: Looked<Overview>, @Args(() => OverviewChangesArgs) _args: OverviewChangesArgs): Overview {
    return looked.value;
  }

  @Subscription(() => MetricBatch, {
    subscribe: from((context, args: MetricsArgs) => context.services.streams.metrics(context, args)),
    description: 'Samples of measurements, apart from structure so that a screen can ask for one without the other.',
  })
  metrics(@Root() batch: live.MetricsBatch, @Args(() => MetricsArgs) _args: MetricsArgs): ReturnType<typeof shownMetrics> {
    return shownMetrics(batch);
  }

  @Subscription(() => GremlinChange, {
    subscribe: from((context, args: GremlinChangesArgs) => context.services.streams.gremlinChanges(context, args)),
    description:
      'Runs the string again when the graph changes, and after 10 s without a change, and sends what entered, changed in and left its result.',
  })
  gremlinChanges(@Root() change: gremlin.GremlinChange, @Args(() => GremlinChangesArgs) _args: GremlinChangesArgs): gremlin.GremlinChange {
    return change;
  }

  @Subscription(() => Status, {
    subscribe: from((context) => context.services.streams.statusChanges(context)),
    description: 'The status, and again whenever something in it is different.',
  })
  statusChanges(@Root() looked: Looked<status.Status>): status.Status {
    return looked.value;
  }
}
