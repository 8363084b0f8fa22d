import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import { DropCount } from './dropCount.js';
import { AgentState, ProbeState, ProjectionState } from './enums.js';
import { Counter, Cursor, DateTime } from './scalars/index.js';

@ObjectType({ simpleResolvers: true, description: 'A probe of an agent.' })
export class Probe {
  @Field(() => String, { description: '`host`, `netlink`, `netns`, ….' })
  name!: string;

  @Field(() => ProbeState, { description: 'How it is doing.' })
  state!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Why it is degraded, failed or stopped; while all is well, what it says of its work, if anything.',
  })
  reason?: string;

  @Field(() => [String], { description: 'Capabilities that it lacks (`CAP_SYS_ADMIN`); what needs them is off.' })
  missingCapabilities!: string[];

  @Field(() => Float, {
    description:
      "What it costs: its share of the agent's main thread over the last minute, percent of one core. At most half a minute old.",
  })
  busyPercent!: number;

  @Field(() => Float, { description: 'What it hears from its source each second, over the last minute. At most half a minute old.' })
  eventsPerSecond!: number;

  @Field(() => Counter, { description: 'What it has heard from its source since the agent started.' })
  events!: number;

  @Field(() => Counter, { description: 'How often it was started again after a failure.' })
  restarts!: number;
}

@ObjectType({ simpleResolvers: true, description: 'How often a part of flows could not be read.' })
export class UnreadCount {
  @Field(() => String, { description: 'As a flow names it: `DNS`.' })
  part!: string;

  @Field(() => Counter, { description: 'How many.' })
  count!: number;
}

@ObjectType({ simpleResolvers: true, description: 'What became of the flows of an agent since the analyzer started.' })
export class AgentFlows {
  @Field(() => Counter, { description: 'States of flows that arrived.' })
  received!: number;

  @Field(() => Counter, { description: 'Those that arrived and that the store refused; they were seen in the present only.' })
  notStored!: number;

  @Field(() => [DropCount], {
    description:
      'Those that the agent could not send: `queueFull`, more than the connection takes; `disconnected`, under way when the analyzer ended.',
  })
  lost!: DropCount[];

  @Field(() => [UnreadCount], {
    description:
      'Parts of flows that could not be read and that the flows lack: of agents of Skydive, whose extra layers nobody wrote down.',
  })
  unread!: UnreadCount[];
}

@ObjectType({ simpleResolvers: true, description: 'An agent, as the analyzer knows it.' })
export class Agent {
  @Field(() => ID, { description: 'Its origin: `agent.web-1`.' })
  id!: string;

  @Field(() => String, { description: 'Host that it watches.' })
  host!: string;

  @Field(() => String, { nullable: true, description: 'Version of its program.' })
  version?: string;

  @Field(() => AgentState, { description: 'Whether it is there.' })
  state!: string;

  @Field(() => DateTime, { nullable: true, description: 'Since when this connection stands.' })
  connectedAt?: number;

  @Field(() => DateTime, { nullable: true, description: 'When it was heard of last.' })
  lastSeenAt?: number;

  @Field(() => Float, {
    nullable: true,
    description: "How far its clock is ahead of the analyzer's, milliseconds; its stamps are corrected by it.",
  })
  clockOffsetMs?: number;

  @Field(() => AgentFlows, { description: 'What became of its flows.' })
  flows!: AgentFlows;

  @Field(() => [Probe], { description: 'Its probes.' })
  probes!: Probe[];

  @Field(() => [String], { description: 'Capabilities that it lacks (`CAP_SYS_ADMIN`); what needs them is off.' })
  missingCapabilities!: string[];
}

@ObjectType({ simpleResolvers: true, description: 'The log of changes on disk.' })
export class JournalStatus {
  @Field(() => Counter, { description: 'Changes kept.' })
  changes!: number;

  @Field(() => Counter, { description: 'Changes that are seen and not yet on disk.' })
  tailChanges!: number;

  @Field(() => Counter, { description: 'The same in bytes.' })
  tailBytes!: number;

  @Field(() => Counter, { description: 'Bytes on disk.' })
  bytes!: number;

  @Field(() => Boolean, { description: 'Whether so much waits for the disk that writing is held up.' })
  isFull!: boolean;

  @Field(() => String, { nullable: true, description: 'Why it cannot write.' })
  error?: string;
}

@ObjectType({
  simpleResolvers: true,
  description: 'A change that the database refused. What it ended has ended there, what it began is missing.',
})
export class SetAsideChange {
  @Field(() => Counter, { description: 'Its number in the log.' })
  seq!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  at!: number;

  @Field(() => String, { description: 'Id of its element.' })
  id!: string;

  @Field(() => String, { description: 'What the database said.' })
  error!: string;
}

@ObjectType({ simpleResolvers: true, description: 'How far something that takes long has come.' })
export class Progress {
  @Field(() => Counter, { description: 'Pieces that are done.' })
  done!: number;

  @Field(() => Counter, { description: 'All of them.' })
  total!: number;
}

@ObjectType({ simpleResolvers: true, description: 'The database that follows the log of changes: Neo4j.' })
export class Projection {
  @Field(() => ProjectionState, { description: 'How it fares.' })
  state!: string;

  @Field(() => String, { description: 'Its address.' })
  url!: string;

  @Field(() => String, { nullable: true, description: 'What the server says of itself.' })
  server?: string;

  @Field(() => Counter, { description: 'Number of the last change that is in it.' })
  seq!: number;

  @Field(() => Counter, { description: 'Changes that are not in it yet.' })
  behind!: number;

  @Field(() => Counter, { description: 'How long the oldest of them waits, milliseconds.' })
  lagMs!: number;

  @Field(() => String, { nullable: true, description: 'Why it is away or stopped.' })
  error?: string;

  @Field(() => [SetAsideChange], {
    description: 'The first hundred changes that it refused. From the first one on the journal answers for it.',
  })
  setAside!: SetAsideChange[];

  @Field(() => Progress, { nullable: true, description: 'How far it is, while it is written anew.' })
  rebuild?: Progress;
}

@ObjectType({ simpleResolvers: true, description: 'The store of measurements.' })
export class SamplesStatus {
  @Field(() => Counter, { description: 'Samples stored since the start.' })
  stored!: number;

  @Field(() => Counter, { description: 'Samples lost because the store could not follow.' })
  dropped!: number;

  @Field(() => Counter, { description: 'Samples that wait to be stored.' })
  queued!: number;

  @Field(() => Counter, { description: 'Bytes on disk.' })
  bytes!: number;

  @Field(() => String, { nullable: true, description: 'Why it cannot store.' })
  error?: string;
}

@ObjectType({ simpleResolvers: true, description: 'The store of flows.' })
export class FlowStoreStatus {
  @Field(() => Counter, { description: 'Updates of flows stored since the start.' })
  stored!: number;

  @Field(() => Counter, { description: 'Flows that could not be kept.' })
  dropped!: number;

  @Field(() => Counter, { description: 'Bytes on disk.' })
  bytes!: number;

  @Field(() => DateTime, {
    nullable: true,
    description:
      'When the oldest hour begins of which flows are kept; those before it were forgotten (`flows.retention`, `flows.maxBytes`). `null` where none are.',
  })
  since?: number;

  @Field(() => String, { nullable: true, description: 'Why it keeps nothing at present.' })
  error?: string;
}

@ObjectType({ simpleResolvers: true, description: 'Where captures, rules and views are kept.' })
export class RegistryStatus {
  @Field(() => String, { description: '`embedded`, in the data folder, or `etcd`.' })
  home!: string;

  @Field(() => String, { nullable: true, description: 'Why nothing can be read or written at present.' })
  error?: string;

  @Field(() => String, {
    nullable: true,
    description: 'What of before is still in the data folder though etcd is used, and how it is brought there.',
  })
  notice?: string;
}

@ObjectType({ simpleResolvers: true, description: 'A provider that knows people who may sign in.' })
export class SignInStatus {
  @Field(() => String, { description: 'How it is asked: `oidc` or `keystone`.' })
  source!: string;

  @Field(() => String, { description: 'What people know it by.' })
  name!: string;

  @Field(() => String, { description: 'Where it is.' })
  url!: string;

  @Field(() => String, { description: '`CONNECTING`, `READY`, or `AWAY`: it does not answer as it should, and is tried again.' })
  state!: string;

  @Field(() => String, { nullable: true, description: 'Why it is away.' })
  error?: string;
}

@ObjectType({ simpleResolvers: true, description: 'Who listens.' })
export class SubscriptionsStatus {
  @Field(() => Int, { description: 'WebSocket connections of clients.' })
  connections!: number;

  @Field(() => Int, { description: 'Subscriptions in them.' })
  subscriptions!: number;

  @Field(() => Int, { description: 'Different streams behind them: equal subscriptions share one.' })
  groups!: number;
}

@ObjectType({ simpleResolvers: true, description: 'Connections of any kind, those of agents among them.' })
export class ConnectionsStatus {
  @Field(() => Int, { description: 'At present.' })
  open!: number;

  @Field(() => Int, { description: 'Of the address that has the most; `limits.connectionsPerAddress` bounds it.' })
  mostOfOneAddress!: number;

  @Field(() => Counter, { description: 'Cut since the start because too many stood with their address.' })
  refused!: number;

  @Field(() => Counter, { description: 'Cut because a request or a message took longer to arrive than `limits.arrival`.' })
  slow!: number;

  @Field(() => Counter, { description: 'Clients cut because they answered no ping: they were not there any more, or read nothing.' })
  silent!: number;
}

@ObjectType({ simpleResolvers: true, description: 'How the analyzer is doing.' })
export class Status {
  @Field(() => String, { description: 'Version of its program.' })
  version!: string;

  @Field(() => DateTime, { description: 'When it started.' })
  startedAt!: number;

  @Field(() => DateTime, { description: 'Its clock.' })
  now!: number;

  @Field(() => Int, { description: 'Nodes at present.' })
  nodes!: number;

  @Field(() => Int, { description: 'Edges at present.' })
  edges!: number;

  @Field(() => Cursor, { description: 'The newest place in the log.' })
  cursor!: unknown;

  @Field(() => DateTime, { description: 'The earliest instant that can still be asked for.' })
  oldest!: number;

  @Field(() => [Agent], { description: 'Agents that are known, by id.' })
  agents!: Agent[];

  @Field(() => JournalStatus, { description: 'The log of changes.' })
  journal!: JournalStatus;

  @Field(() => Projection, { nullable: true, description: 'The database that follows the log; none unless `history.home` is `neo4j`.' })
  projection?: Projection;

  @Field(() => SamplesStatus, { description: 'The store of measurements.' })
  samples!: SamplesStatus;

  @Field(() => FlowStoreStatus, { description: 'The store of flows.' })
  flows!: FlowStoreStatus;

  @Field(() => RegistryStatus, { description: 'Where captures, rules and views are kept.' })
  registry!: RegistryStatus;

  @Field(() => [SignInStatus], { description: 'Providers where people can sign in, besides the users that this analyzer keeps itself.' })
  signIn!: SignInStatus[];

  @Field(() => ConnectionsStatus, { description: 'Who is connected.' })
  connections!: ConnectionsStatus;

  @Field(() => SubscriptionsStatus, { description: 'Who listens.' })
  subscriptions!: SubscriptionsStatus;

  @Field(() => Int, { description: 'Elements that go unless their publisher publishes them again in time.' })
  leases!: number;

  @Field(() => Counter, { description: 'Memory of the process, bytes.' })
  residentBytes!: number;

  @Field(() => Counter, {
    description: 'How far the axis of `at` is ahead of the clock, milliseconds: more than 0 after the clock stepped back.',
  })
  clockAheadMs!: number;
}

@ObjectType({ simpleResolvers: true, description: 'Who asks.' })
export class Viewer {
  @Field(() => String, { description: 'What the analyzer calls them; never a token.' })
  name!: string;

  @Field(() => [String], {
    description:
      'What the policy knows them as: `READER`, `OPERATOR`, `PUBLISHER`, `WRITER` (both), `ADMINISTRATOR`, `AGENT`, and roles of its own.',
  })
  roles!: string[];

  @Field(() => [String], { description: 'What the policy lets them do, objects and actions in its words: `capture:write`, `audit:read`.' })
  rights!: string[];

  @Field(() => [String], { description: 'Scopes that say what they see of the graph (`auth.scopes`); none: everything.' })
  scopes!: string[];
}
