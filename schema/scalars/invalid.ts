import { GraphQLError, Kind, print, type ValueNode } from 'graphql';

/** The error of a value that a scalar does not take: names the value and what is valid. GraphQL adds the argument or variable. */
export const invalidScalar = (value: unknown, valid: string): GraphQLError =>
  new GraphQLError(`${describe(value)} is not valid; give ${valid}`, { extensions: { code: 'BAD_INPUT', value: describe(value), valid } });

/** Longest part of a wrong value that an error repeats. */
const SHOWN_LENGTH = 80;

function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** The text or number of a literal in a document; refuses lists, objects and enums. */
export function literalOf(node: ValueNode, valid: string): string | number {
  if (node.kind === Kind.STRING) return node.value;
  if (node.kind === Kind.INT) return Number(node.value);
  throw invalidScalar(print(node), valid);
}
