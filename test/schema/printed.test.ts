import { validateSchema } from 'graphql';
import { expect, it } from 'vitest';
import { buildCanopySchema } from '../../resolvers/build.js';
import { committedSchema, printedSchema } from '../../schema/print.js';

it('schema.graphql says what the code says; run `npm run schema` where not', () => {
  expect(committedSchema()).toBe(printedSchema());
});

it('the schema keeps the rules of GraphQL; a start does not look at them', () => {
  expect(validateSchema(buildCanopySchema())).toEqual([]);
});
