import type { OptionTable, SettingFlag } from './command.js';
import { KEYS } from '../common/config/keys.js';

/** Keys of the configuration that have a flag of their own. */
export const SETTING_FLAGS = [
  'listen',
  'dataDir',
  'analyzer',
  'tokenFile',
  'logLevel',
  'insecure',
] as const satisfies readonly SettingFlag[];

/** Flags of all commands: where the configuration comes from, and help. */
export const COMMON_OPTIONS = {
  config: { type: 'text', placeholder: 'FILE', doc: 'YAML file with the configuration' },
  set: { type: 'list', placeholder: 'KEY=VALUE', doc: 'any key of the configuration, such as history.retention=7d; may be repeated' },
  help: { type: 'switch', short: 'h', doc: 'say how the command is used' },
} as const satisfies OptionTable;

/** The flags of the keys as options. */
export function settingOptions(settings: readonly SettingFlag[]): OptionTable {
  return Object.fromEntries(
    settings.map((path) => {
      const { flag, kind, doc } = KEYS[path];
      const firstSentence = doc.split('. ')[0]!.replace(/\.$/, '');
      const says = firstSentence[0]!.toLowerCase() + firstSentence.slice(1);
      if (kind.placeholder === 'true|false') return [flag!, { type: 'switch', doc: says }];
      const choices = kind.placeholder.includes('|') ? kind.placeholder.split('|') : undefined;
      return [flag!, { type: 'text', placeholder: choices === undefined ? kind.placeholder : 'LEVEL', choices, doc: says }];
    }),
  );
}
