import { readdirSync, readFileSync } from 'node:fs';
import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { generatedPages } from '../../docs/generate.js';
import { buildCanopySchema } from '../../resolvers/build.js';
import { COMMANDS } from '../../src/cli/commands/registry.js';
import { allOptions, checkPositionals, parseArguments } from '../../src/cli/parse.js';
import { eventFieldsRule } from '../../src/server/graphql/eventFieldsRule.js';
import { words } from './words.js';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** Pages that people read. */
const PAGES = [
  'README.md',
  'examples/README.md',
  ...readdirSync(new URL('docs/', ROOT)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block]) => block!);

it.each(['configuration.md', 'cli.md', 'metadata.md', 'skydive-keys.md'])(
  'docs/%s agrees with the code (`npm run docs` writes it)',
  async (name) => {
    expect(read(`docs/${name}`)).toBe((await generatedPages()).get(name));
  },
);

describe('what stands in the documents', () => {
  const schema = buildCanopySchema();
  const examples = ['examples/talkers.ts', 'examples/query.py'].map(
    (path) => [path, /(?:`|""")\s*((?:subscription|query) [\s\S]*?)(?:`|""")/.exec(read(path))![1]!] as const,
  );
  const documents = [...PAGES.flatMap((page) => blocks(read(page), 'graphql').map((text) => [page, text] as const)), ...examples];

  it.each(documents)('a GraphQL document of %s is valid', (_page, text) => {
    expect(validate(schema, parse(text))).toEqual([]);
    expect(validate(schema, parse(text), [eventFieldsRule])).toEqual([]);
  });

  const lines = PAGES.flatMap((page) =>
    blocks(read(page), 'sh')
      .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
      .flatMap((line) => /^(?:canopy|npm run --silent canopy --) (.*?)(?: {2}#.*| >.*)?$/.exec(line)?.[1] ?? [])
      .map((line) => [page, line] as const),
  );

  it.each(lines)('in %s, canopy %s can be parsed', async (_page, line) => {
    const [name, ...args] = words(line);
    const command = await COMMANDS[name!]!();
    checkPositionals(command, parseArguments(args, allOptions(command), '').positionals, '');
  });

  it('shows the example of a probe as it is', () => {
    const [shown] = blocks(read('docs/writing-a-probe.md'), 'js');
    expect(read('examples/mounts-probe.js')).toContain(shown);
  });

  it('leads to files that are there', () => {
    const links = PAGES.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => new URL(link!, new URL(page, ROOT))),
    );
    for (const link of links) expect(() => readFileSync(link), link.pathname).not.toThrow();
  });
});
