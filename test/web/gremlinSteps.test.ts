import { expect, it } from 'vitest';
import { STEPS as KNOWN } from '../../src/gremlin/registry.js';
import { STEPS } from '../../web/ask/steps.js';

it('completes the steps that the analyzer knows, with the same words', () => {
  const known = KNOWN.flatMap(({ name, aliases = [], doc }) => [name, ...aliases].map((each) => ({ name: each, doc })));
  const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);
  expect([...STEPS]).toEqual(known.sort(byName));
});
