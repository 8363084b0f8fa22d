import { getNamedType, isLeafType, type GraphQLField, type GraphQLSchema } from 'graphql';
import { FIELDS } from './rules.js';

/** A field with which a document can begin. */
export interface RootField {
  readonly type: string;
  /** `Query.nodes`. */
  readonly name: string;
  readonly field: GraphQLField<unknown, unknown>;
}

export const rootFields = (schema: GraphQLSchema): readonly RootField[] =>
  [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!].flatMap((type) =>
    Object.values(type.getFields()).map((field) => ({ type: type.name, field, name: `${type.name}.${field.name}` })),
  );

/** Asks for the field, with the arguments that the rules have for it. */
export function documentOf({ type, field, name }: RootField): string {
  const args = FIELDS[name]?.[1];
  const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
  return `${type.toLowerCase()} { ${field.name}${args === undefined ? '' : `(${args})`} ${selection} }`;
}
