import 'reflect-metadata';
import { isInterfaceType, isObjectType, isUnionType, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray, type PubSub } from 'type-graphql';
import { callDirectly } from './direct.js';
import { Host } from './host.js';
import { NetworkInterface } from './networkInterface.js';
import { NetworkNamespace } from './networkNamespace.js';
import { CustomNode } from './node.js';

/** Resolver classes; their instances keep no state. */
export type ResolverClasses = NonEmptyArray<new () => object>;

/** Which kinds may stand where `Node` is named: nothing else mentions them. */
const KINDS = [Host, NetworkNamespace, NetworkInterface, CustomNode];

/** Every subscription names its own source, so topics are never used; type-graphql asks for them all the same. */
const NO_TOPICS: PubSub = {
  publish: () => undefined,
  subscribe: (topic) => {
    throw new Error(`no subscription uses topics, but one asks for '${topic}'`);
  },
};

/** Puts the types of this room and the resolvers together; `resolvers/build.ts` says which resolvers there are. */
export function buildSchemaOf(resolvers: ResolverClasses): GraphQLSchema {
  const schema = buildSchemaAsWritten(resolvers);
  callDirectly(schema, resolvers);
  return schema;
}

/** The same schema executed the way type-graphql does it, with a promise for each field that has arguments: the baseline of the bench. */
export function buildSchemaAsWritten(resolvers: ResolverClasses): GraphQLSchema {
  // Its own check asks the whole schema for its description at each start, a tenth of the time that takes; the tests check instead.
  const schema = buildSchemaSync({ resolvers, orphanedTypes: KINDS, validate: false, pubSub: NO_TOPICS, skipCheck: true });
  resolveTypesByName(schema);
  return schema;
}

/** Every object here says its type as `__typename`, so neither `instanceof` nor a promise is needed to find it. */
function resolveTypesByName(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type) || isUnionType(type)) type.resolveType = (value: { readonly __typename: string }) => value.__typename;
    if (isObjectType(type)) type.isTypeOf = undefined;
  }
}
