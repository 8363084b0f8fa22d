import type { GraphQLSchema } from 'graphql';
import { buildSchemaOf, type ResolverClasses } from '../schema/build.js';
import { AuditResolver } from './audit.js';
import { AgentAbilitiesResolver, CaptureActivityResolver, CaptureResolver, NodeCapturesResolver } from './capture.js';
import { ChangeResolver, RevisionResolver } from './change.js';
import { DiffResolver } from './diff.js';
import { EdgeResolver } from './edge.js';
import { FlowEndResolver, FlowResolver, NodeFlowsResolver } from './flow.js';
import { GremlinResolver } from './gremlin.js';
import { HostResolver } from './host.js';
import { InjectionResolver, InjectionSendingResolver } from './injection.js';
import { NetworkInterfaceResolver } from './networkInterface.js';
import { NetworkNamespaceResolver } from './networkNamespace.js';
import { NodeResolver } from './node.js';
import { OverviewResolver } from './overview.js';
import { PathResolver } from './path.js';
import { PublishResolver } from './publish.js';
import { RuleResolver } from './rule.js';
import { StatusResolver } from './status.js';
import { SubscriptionResolver } from './subscription.js';
import { TopologyResolver } from './topology.js';
import { ViewResolver } from './view.js';

/** Every resolver, one class a noun. */
export const resolvers: ResolverClasses = [
  NodeResolver,
  HostResolver,
  NetworkNamespaceResolver,
  NetworkInterfaceResolver,
  EdgeResolver,
  TopologyResolver,
  OverviewResolver,
  ChangeResolver,
  RevisionResolver,
  DiffResolver,
  PathResolver,
  GremlinResolver,
  StatusResolver,
  PublishResolver,
  SubscriptionResolver,
  CaptureResolver,
  CaptureActivityResolver,
  AgentAbilitiesResolver,
  NodeCapturesResolver,
  FlowResolver,
  FlowEndResolver,
  NodeFlowsResolver,
  InjectionResolver,
  AuditResolver,
  InjectionSendingResolver,
  RuleResolver,
  ViewResolver,
];

/** The public schema, ready to execute with a `Context`. */
export const buildCanopySchema = (): GraphQLSchema => buildSchemaOf(resolvers);
