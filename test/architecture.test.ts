import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';

/** Without the rules that need the types of the whole program: what imports what is written in the file. */
const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });

/** Messages of the import rule for a module at `filePath` that imports `target`. */
async function complaints(filePath: string, target: string): Promise<string[]> {
  const [result] = await eslint.lintText(`import * as other from '${target}';\nexport default other;\n`, { filePath });
  return result!.messages.filter(({ ruleId }) => ruleId === 'boundaries/dependencies').map(({ message }) => message);
}

describe('the import table of the house', () => {
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
