import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { generatedPages } from '../../docs/generate.js';

it.each(['configuration.md', 'cli.md'])('docs/%s agrees with the code (`npm run docs` writes it)', async (name) => {
  const committed = await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  expect(committed).toBe((await generatedPages()).get(name));
});
