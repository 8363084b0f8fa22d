import { CONFIG_PATHS, KEYS, variableOf } from '../../common/config/keys.js';
import { defineCommand } from '../command.js';
import { EXIT_CODES } from '../exitCodes.js';
import { commandHelp, sections, titled } from '../help.js';
import { nearest } from '../../common/nearest.js';
import { usageError } from '../parse.js';
import { COMMANDS, GROUPS } from './registry.js';

const TOPICS: Readonly<Record<string, () => string>> = { 'exit-codes': exitCodes, config: configuration };

export const command = defineCommand({
  name: 'help',
  summary: 'say how Canopy, a command or a topic is used',
  positionals: [{ name: 'TOPIC', doc: 'a command, `exit-codes` or `config`', optional: true }],
  options: {},
  settings: [],
  examples: [
    { line: 'help nodes', says: 'how `canopy nodes` is used' },
    { line: 'help exit-codes', says: 'what the exit codes mean' },
    { line: 'help config', says: 'every key of the configuration with its variable and default' },
  ],
  async run({ positionals: [topic], terminal }) {
    if (topic === undefined) return terminal.out(await overview());
    const loader = Object.hasOwn(COMMANDS, topic) ? COMMANDS[topic] : undefined;
    if (loader !== undefined) return terminal.out(commandHelp(await loader()));
    const page = Object.hasOwn(TOPICS, topic) ? TOPICS[topic] : undefined;
    if (page !== undefined) return terminal.out(page());
    const near = nearest(topic, [...Object.keys(COMMANDS), ...Object.keys(TOPICS)]);
    throw usageError(
      `no help for '${topic}'`,
      near === undefined ? '`canopy help` lists the commands.' : `Did you mean \`canopy help ${near}\`?`,
    );
  },
});

async function overview(): Promise<string> {
  const groups = await Promise.all(
    GROUPS.map(async ([title, names]) =>
      titled(title, await Promise.all(names.map(async (name) => [name, (await COMMANDS[name]!()).summary] as const))),
    ),
  );
  return sections(
    'Canopy: a live map of a network that can be asked questions.',
    'Usage: canopy COMMAND [ARGUMENTS] [OPTIONS]',
    ...groups,
    [
      'Examples:',
      '  canopy allinone                          an analyzer and an agent for this host, in one process',
      '  canopy status                            is all well?',
      '  canopy nodes --type veth --at -5m        veth interfaces as they were five minutes ago',
      '  canopy changes --watch                   every change as it happens',
    ].join('\n'),
    '`canopy COMMAND --help` says more, with examples; `canopy help exit-codes` and `canopy help config` are the other pages.',
  );
}

function exitCodes(): string {
  return (
    titled(
      'Exit codes',
      EXIT_CODES.map(({ code, name, says, errors }) => [`${code} ${name}`, errors.length > 0 ? `${says} (${errors.join(', ')})` : says]),
    ) + '\n'
  );
}

function configuration(): string {
  return sections(
    'Every key can stand in the YAML file of --config FILE (or CANOPY_CONFIG), in a variable, or in --set KEY=VALUE. A flag wins over a variable, a variable over the file.',
    ...CONFIG_PATHS.map((path) => {
      const { kind, doc, default: value, defaultText, flag } = KEYS[path];
      const written = defaultText ?? (value === undefined ? 'none' : (kind.write as (value: unknown) => string)(value));
      return titled(path, [
        ['meaning', doc],
        ['valid', kind.valid],
        ['default', written === '' ? '(empty)' : written],
        ['variable', variableOf(path)],
        ...(flag === undefined ? [] : [['flag', `--${flag}`] as const]),
      ]);
    }),
  );
}
