import { expect, it } from 'vitest';
import { committedSchema, printedSchema } from '../../schema/print.js';

it('schema.graphql says what the code says; run `npm run schema` where not', () => {
  expect(committedSchema()).toBe(printedSchema());
});
