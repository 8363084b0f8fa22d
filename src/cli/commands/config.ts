import { CONFIG_PATHS, KEYS, variableOf, type ConfigPath } from '../../common/config/keys.js';
import type { Config } from '../../common/config/config.js';
import { defineCommand } from '../command.js';
import { outputOption, printRows } from '../output/format.js';
import { SETTING_FLAGS } from '../settings.js';

interface Row {
  readonly key: ConfigPath;
  readonly value: string;
  readonly source: string;
  readonly variable: string;
}

export const command = defineCommand({
  name: 'config',
  summary: 'check the configuration and show every value with where it comes from',
  options: { output: outputOption },
  settings: SETTING_FLAGS,
  examples: [
    { line: 'config', says: 'what holds on this machine' },
    { line: 'config --config /etc/canopy.yaml', says: 'check a file before a restart; exit code 2 when it is wrong' },
  ],
  async run({ config: load, options, terminal }) {
    const { config, sources } = await load();
    const rows = CONFIG_PATHS.map((key): Row => ({
      key,
      value: written(config, key),
      source: sources.get(key)!,
      variable: variableOf(key),
    }));
    await printRows(
      rows,
      [
        { title: 'KEY', value: ({ key }) => key },
        { title: 'VALUE', value: ({ value }) => value },
        { title: 'FROM', value: ({ source }) => source, colour: ({ source }) => (source === 'default' ? 'quiet' : undefined) },
      ],
      options.output,
      terminal,
    );
  },
});

function written(config: Config, key: ConfigPath): string {
  const value = key.split('.').reduce<unknown>((group, name) => (group as Record<string, unknown>)[name], config);
  if (value === undefined) return '';
  if (KEYS[key].isSecret) return Array.isArray(value) ? `(${value.length} entries)` : '(set)';
  return (KEYS[key].kind.write as (value: unknown) => string)(value);
}
