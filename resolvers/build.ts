import type { GraphQLSchema } from 'graphql';
import { buildSchemaOf, type ResolverClasses } from '../schema/build.js';
import { EdgeResolver } from './edge.js';
import { NodeResolver } from './node.js';
import { TopologyResolver } from './topology.js';

/** Every resolver, one class a noun. */
export const resolvers: ResolverClasses = [NodeResolver, EdgeResolver, TopologyResolver];

/** The public schema, ready to execute with a `Context`. */
export const buildCanopySchema = (): GraphQLSchema => buildSchemaOf(resolvers);
