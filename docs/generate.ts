import { writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { CONFIG_PATHS, KEYS, variableOf, type ConfigPath } from '../src/common/config/keys.js';
import { COMMANDS, GROUPS } from '../src/cli/commands/registry.js';
import { OLD_BRANCHES, OLD_KEYS } from '../src/cli/import/oldKeys.js';
import { EXIT_CODES } from '../src/cli/exitCodes.js';
import { optionLines, usageLine, withChoices } from '../src/cli/help.js';
import { COMMON_OPTIONS, settingOptions } from '../src/cli/settings.js';
import { dialectPage } from '../src/gremlin/printDialect.js';
import type { Command, OptionTable } from '../src/cli/command.js';
import { SFLOW_METADATA_KEYS } from '../agent/capture/sflow/keys.js';
import type { MetadataKey } from '../agent/probes/kit/metadataKeys.js';
import { BUILT_IN_PROBES } from '../agent/probes/list.js';
import { CAPTURE_METADATA_KEYS } from '../src/services/captures/metadataKeys.js';
import { INJECTION_METADATA_KEYS } from '../src/services/injections/metadataKeys.js';
import type { ProbeDefinition } from '../agent/probes/kit/probe.js';

/** Pages that are written from the tables in the code, by `npm run docs`. A test compares them with what is committed. */
const PAGES: Readonly<Record<string, () => Promise<string> | string>> = {
  'configuration.md': configurationPage,
  'cli.md': commandsPage,
  '../src/gremlin/DIALECT.md': dialectPage,
  'metadata.md': metadataPage,
  'skydive-keys.md': skydiveKeysPage,
};

/** The text of each page by its file name, seen from this folder. */
export async function generatedPages(): Promise<ReadonlyMap<string, string>> {
  const style = await resolveConfig(fileURLToPath(import.meta.url));
  const pages = Object.entries(PAGES).map(
    async ([name, write]) => [name, await format(await write(), { ...style, parser: 'markdown' })] as const,
  );
  return new Map(await Promise.all(pages));
}

const NOTE = '<!-- Written by `npm run docs` from the code; change it there. -->';

function configurationPage(): string {
  return page(
    '# Configuration',
    NOTE,
    `Nothing has to be configured for a first try. Every key can be set in four places; the first that has it wins:

1. a flag: the key's own where it has one, or \`--set KEY=VALUE\` for any key;
2. an environment variable: \`CANOPY_\` and the path of the key, words joined by \`_\`;
3. the YAML file named by \`--config FILE\` or \`CANOPY_CONFIG\`;
4. the default.

Agents, analyzers and the command line read the same keys, so one file can serve all. An unknown key or a wrong value is refused at the start, with the file, its line and the nearest valid name. \`canopy config\` checks a configuration and shows every value with where it comes from.`,
    '## An example',
    fenced(
      'yaml',
      `listen: 0.0.0.0:8082
dataDir: /var/lib/canopy
tokens:
  agents: ["file:/etc/canopy/agents.tokens"]
  readers: ["file:/etc/canopy/readers.tokens"]
  writers: ["file:/etc/canopy/writers.tokens"]
agent:
  metadata: { rack: b7, site: lyon }
  netlink:
    metricsInterval: 10s
history:
  retention: 30d`,
    ),
    '## How values are written',
    `- **durations** with their unit: \`250ms\`, \`30s\`, \`5m\`, \`1h30m\`, \`7d\`; a bare number is refused, because nobody could tell its unit
- **sizes** \`64KiB\`, \`256MiB\`, \`2GiB\`, or a number of bytes
- **lists** as YAML lists; in a variable or flag separated by commas (\`host,netlink\`), or as a JSON list where an entry has a comma itself
- **maps** as YAML maps; in a variable or flag as JSON (\`{"rack":"b7"}\`)`,
    '## Keys',
    ...CONFIG_PATHS.map(keySection),
  );
}

function keySection(path: ConfigPath): string {
  const { kind, doc, default: value, defaultText, example, flag } = KEYS[path];
  const written = value === undefined ? undefined : (kind.write as (value: unknown) => string)(value);
  const rows = [
    ['valid', kind.valid],
    ['default', defaultText ?? (written === '' ? 'empty' : `\`${written}\``)],
    ['variable', `\`${variableOf(path)}\``],
    ...(flag === undefined ? [] : [['flag', `\`--${flag}\``]]),
    ['example', `\`${path.split('.').at(-1)}: ${example}\``],
  ];
  return page(
    `### \`${path}\``,
    doc,
    ['| | |', '|---|---|', ...rows.map(([name, text]) => `| ${name} | ${text!.replaceAll('|', '\\|')} |`)].join('\n'),
  ).trimEnd();
}

async function commandsPage(): Promise<string> {
  const groups = await Promise.all(
    GROUPS.map(async ([title, names]) => [
      `## ${title}`,
      ...(await Promise.all(names.map((name) => COMMANDS[name]!()))).map(commandSection),
    ]),
  );
  return page(
    '# Command line',
    NOTE,
    `From a checkout, \`npm run --silent canopy -- ARGS\` is \`canopy ARGS\`. \`canopy COMMAND --help\` shows what stands here; \`canopy completion bash|zsh|fish\` prints completion for a shell.

Instants are written \`-5m\` (five minutes ago), \`2026-01-31T12:00:00Z\`, \`now\`, or as milliseconds since 1970. Answers go to standard output, everything else to standard error. On a terminal tables are cut to its width and coloured (not with \`NO_COLOR\`); in a file or pipe nothing is cut. \`-o json\` prints the same as JSON; with \`--watch\`, a JSON line for each event.`,
    `These options work with every command:

${optionTable(COMMON_OPTIONS)}`,
    ...groups.flat(),
    '## Exit codes',
    [
      '| code | name | meaning | error codes |',
      '|---|---|---|---|',
      ...EXIT_CODES.map(
        ({ code, name, says, errors }) => `| ${code} | ${name} | ${says} | ${errors.map((error) => `\`${error}\``).join(' ')} |`,
      ),
    ].join('\n'),
  );
}

function commandSection(command: Command): string {
  const { name, summary, details = [], positionals = [], options, settings, examples } = command;
  const all = { ...options, ...settingOptions(settings) };
  return page(
    `### canopy ${name}`,
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.${details.length > 0 ? ` ${details.join(' ')}` : ''}`,
    fenced('', usageLine(command)),
    ...(positionals.length > 0
      ? [positionals.map((positional) => `- \`${positional.name}\`: ${withChoices(positional.doc, positional.choices)}`).join('\n')]
      : []),
    ...(Object.keys(all).length > 0 ? [optionTable(all)] : []),
    fenced('sh', examples.map(({ line, says }) => `canopy ${line}  # ${says}`).join('\n')),
  ).trimEnd();
}

function metadataPage(): string {
  return page(
    '# Metadata',
    NOTE,
    `What the probes write, by probe. Every key can be asked for by its dotted path, in \`metadata(path:)\` and in filters.

A change of **state** makes a new revision of its element, and is seen in the list of changes. **Measurements** move all the time: their live value is shown, and they are kept as samples. A **table** has rows, and changes by row. An *indexed* key is found without looking at every element. \`*\` in a path stands for a free part.`,
    ...BUILT_IN_PROBES.map(probeSection),
    ...ON_DEMAND.map(({ title, says, keys }) => page(`## ${title}`, says, keysTable(keys)).trimEnd()),
  );
}

function probeSection({ name, summary, keys, relations = [], needs }: ProbeDefinition): string {
  return page(
    `## ${name}`,
    `${summary}.`,
    ...(needs.length === 0 ? [] : [needs.map(({ capability, allows }) => `- \`CAP_${capability}\`: ${allows}`).join('\n')]),
    keysTable(keys),
    ...(relations.length === 0
      ? []
      : [
          'Edges besides `ownership`, by their `RelationType`:',
          ['| edge | meaning |', '|---|---|', ...relations.map(({ type, meaning }) => `| \`${type}\` | ${meaning} |`)].join('\n'),
        ]),
  ).trimEnd();
}

/** What is written on nodes by what people ask for. */
const ON_DEMAND: readonly { readonly title: string; readonly says: string; readonly keys: readonly MetadataKey[] }[] = [
  {
    title: 'captures',
    says: 'Written by the analyzer on the nodes of captures. Old scripts ask for them by these paths: a path through the list finds an entry that has it.',
    keys: CAPTURE_METADATA_KEYS,
  },
  { title: 'injections', says: 'Written by the analyzer on nodes that send packets.', keys: INJECTION_METADATA_KEYS },
  { title: 'sFlow', says: 'Written by captures of the type `sflow` from the counters that devices send.', keys: SFLOW_METADATA_KEYS },
];

function skydiveKeysPage(): string {
  const rows = Object.entries(OLD_KEYS).map(([key, fate]) =>
    'dropped' in fate ? [`\`${key}\``, '–', fate.dropped] : [`\`${key}\``, `\`${fate.to}\``, fate.note ?? ''],
  );
  const branches = OLD_BRANCHES.map(([prefix, why]) => [`\`${prefix}.*\``, '–', why]);
  return page(
    '# Configuration keys of Skydive',
    NOTE,
    '`canopy import skydive.yml` translates a configuration and says of each key what became of it; these are the rules that it goes by. [configuration.md](configuration.md) explains our keys. A variable `SKYDIVE_ANALYZER_LISTEN` is the key `analyzer.listen`; ours begin with `CANOPY_`.',
    ['| Skydive | here | note |', '|---|---|---|', ...rows.map(tableRow)].join('\n'),
    '`BASIC` and `KEYSTONE` stand for the names that sections of these types have; of them the one that `analyzer.auth.api.backend` names is taken.',
    '## Everything else',
    'A key that is not in the table above is left out for the reason of the first branch that it lies in.',
    ['| Skydive | here | why |', '|---|---|---|', ...branches.map(tableRow)].join('\n'),
  );
}

const tableRow = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

function keysTable(keys: readonly MetadataKey[]): string {
  const rows = keys.map(({ path, kind, type, unit, indexed, meaning }) =>
    [`\`${path}\``, `${kind}${indexed === true ? ', indexed' : ''}`, `${type}${unit === undefined ? '' : `, ${unit}`}`, meaning]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return ['| key | kind | type | meaning |', '|---|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

const optionTable = (options: OptionTable): string =>
  [
    '| option | meaning |',
    '|---|---|',
    ...optionLines(options).map(([written, doc]) => `| \`${written}\` | ${doc.replaceAll('|', '\\|')} |`),
  ].join('\n');

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

const page = (...parts: readonly string[]): string => `${parts.join('\n\n')}\n`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, text] of await generatedPages()) await writeFile(new URL(name, import.meta.url), text);
}
