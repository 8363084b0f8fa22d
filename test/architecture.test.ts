import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint();

/** Messages of the import rule for a module at `filePath` that imports `target`. */
async function complaints(filePath: string, target: string): Promise<string[]> {
  const [result] = await eslint.lintText(`import * as other from '${target}';\nexport default other;\n`, { filePath });
  return result!.messages.filter(({ ruleId }) => ruleId === 'boundaries/dependencies').map(({ message }) => message);
}

/** The first file waits for the types of the whole program. */
const PATIENCE_MS = 120_000;

describe('the import table of the house', { timeout: PATIENCE_MS }, () => {
  it.each([
    ['src/graph/element.ts', '../journal/contracts.js'],
    ['src/journal/contracts.ts', '../history/store.js'],
    ['src/history/store.ts', '../samples/store.js'],
    ['src/common/ids.ts', '../graph/element.js'],
  ])('refuses %s importing %s', async (filePath, target) => {
    expect(await complaints(filePath, target)).toHaveLength(1);
  });

  it.each([
    ['src/history/store.ts', '../journal/contracts.js'],
    ['src/journal/contracts.ts', '../graph/element.js'],
    ['src/graph/element.ts', '../common/json.js'],
  ])('allows %s importing %s', async (filePath, target) => {
    expect(await complaints(filePath, target)).toEqual([]);
  });
});
