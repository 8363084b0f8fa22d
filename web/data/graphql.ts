import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './schemaTypes.js';

/**
 * Reads a GraphQL document; its answer and its variables are typed by the committed schema, so that a wrong field does not compile. The types
 * are written by `npm run web:types`.
 */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: {
    Base64: string;
    CIDR: string;
    Counter: number;
    Cursor: string;
    DateTime: string;
    Duration: string;
    IPAddress: string;
    JSON: unknown;
    MAC: string;
  };
}>();

export type { FragmentOf, ResultOf, TadaDocumentNode, VariablesOf } from 'gql.tada';
