import { buildSchema, type GraphQLObjectType, type GraphQLScalarType, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createExecutor } from '../../src/server/graphql/execute.js';

const schema = buildSchema(`
  scalar JSON
  enum Colour { RED GREEN }
  input Filter { name: String, colour: Colour = RED, and: [Filter!], not: Filter }
  type Query { echo(filter: Filter, first: Int = 50, names: [String!]): String! }
`);
(schema.getType('JSON') as GraphQLScalarType).parseValue = (value) => value;

(schema.getType('Query') as GraphQLObjectType).getFields().echo!.resolve = (_root, { filter, first, names }) =>
  JSON.stringify([filter, first, names]);

describe('an operation with a variable whose type holds itself', () => {
  const DOCUMENT = parse(
    'query ($filter: Filter, $first: Int, $names: [String!] = ["a"]) { echo(filter: $filter, first: $first, names: $names) }',
  );
  const execute = (variables: Record<string, unknown>, times: number) => {
    const executor = createExecutor(schema, 1);
    const answers = Array.from({ length: times }, () => executor({ document: DOCUMENT, operationName: undefined, variables, context: {} }));
    return Promise.all(answers);
  };

  it.each([
    [{}],
    [{ filter: null, first: 3 }],
    [{ filter: { and: [{ name: 'a', not: { colour: 'GREEN' } }] } }],
    [{ names: 'b' }],
    [{ filter: { nmae: 'a' } }],
    [{ first: 'three' }],
    [{ filter: { colour: 'BLUE' } }],
  ])('answers %j compiled as it does plainly', async (variables) => {
    const [plain, ...compiled] = await execute(variables, 4);
    for (const answer of compiled) expect(JSON.parse(JSON.stringify(answer))).toEqual(JSON.parse(JSON.stringify(plain)));
  });
});
