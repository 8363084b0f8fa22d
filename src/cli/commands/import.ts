import { readFile } from 'node:fs/promises';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import type { KeyFate } from '../import/configuration.js';
import type { Imported } from '../import/topology.js';
import { outputOption, printData } from '../output/format.js';
import { renderTable, type Column } from '../output/table.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

const FATES: readonly Column<KeyFate>[] = [
  { title: 'KEY', value: ({ key }) => key },
  { title: 'IS', value: ({ fate }) => fate, colour: ({ fate }) => (fate === 'taken' ? 'good' : fate === 'changed' ? 'notice' : 'quiet') },
  { title: 'NOW', value: ({ to }) => to },
  { title: 'WHY', value: ({ why }) => why },
];

/** Elements that were left out and are named; more are counted. */
const NAMED = 10;

export const command = defineCommand({
  name: 'import',
  summary: 'bring a configuration or a topology from Skydive',
  details: [
    'Of a configuration (skydive.yml) the translation goes to standard output, as a file that canopy reads, and what became of each key to standard error.',
    'A topology (JSON of GET /api/topology, or of skydive client topology export) is published to the analyzer; imported again it is updated.',
  ],
  positionals: [{ name: 'FILE', doc: 'the file; `-` reads standard input' }],
  options: {
    origin: { type: 'text', placeholder: 'NAME', doc: 'whose the elements of a topology are; `import` unless given' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'import /etc/skydive/skydive.yml', says: 'the same in our words; `> canopy.yaml` keeps it' },
    { line: 'import /etc/skydive/skydive.yml -o json', says: 'with what became of each key, for machines' },
    { line: 'import topology.json --origin lab', says: 'a dump of a graph' },
  ],
  async run({ options, positionals, terminal, config }) {
    const file = positionals[0]!;
    const parsed = await parsedFile(file, file === '-' ? await terminal.input() : await read(file));
    const { dumpIn, publishDump } = await import('../import/topology.js');
    const dump = dumpIn(parsed);
    if (dump === undefined) return configuration(parsed as Record<string, unknown>, options.output, terminal);
    const progress = (done: number, of: number): void => {
      if (terminal.isTerminal) terminal.err(`\r${done} of ${of} elements${done === of ? '\n' : ''}`);
    };
    const imported = await publishDump(await analyzerOf((await config()).config), dump, options.origin ?? 'import', progress);
    return topology(imported, options.output, terminal);
  },
});

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${file}`, (error as Error).message);
  }
}

/** JSON is YAML too. */
async function parsedFile(file: string, text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error !== undefined) throw usageError(`${file} is neither YAML nor JSON`, error.message);
  const parsed: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof parsed === 'object' && parsed !== null) return parsed;
  throw usageError(`${file} holds neither a configuration nor a topology`, 'Give skydive.yml, or the JSON of GET /api/topology.');
}

async function configuration(old: Record<string, unknown>, output: string | undefined, terminal: Terminal): Promise<number> {
  const { translate } = await import('../import/configuration.js');
  const translated = translate(old);
  if (output === 'json' || output === 'yaml') {
    await printData(translated, output, terminal);
    return OK;
  }
  const { stringify } = await import('yaml');
  const { configuration: ours, keys } = translated;
  terminal.out(Object.keys(ours).length === 0 ? '{}\n' : stringify(ours));
  terminal.err(renderTable(keys, FATES, terminal));
  return OK;
}

async function topology(imported: Imported, output: string | undefined, terminal: Terminal): Promise<number> {
  const { nodes, edges, left } = imported;
  if (output === 'json' || output === 'yaml') await printData(imported, output, terminal);
  else {
    terminal.out(`${nodes} nodes and ${edges} edges\n`);
    for (const { id, why } of left.slice(0, NAMED)) terminal.err(`left out: ${id}: ${why}\n`);
    if (left.length > NAMED) terminal.err(`left out: ${left.length - NAMED} more\n`);
  }
  return left.length > 0 ? INCOMPLETE : OK;
}
