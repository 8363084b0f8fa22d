import type { Command, Option } from './command.js';
import { COMMON_OPTIONS, settingOptions } from './settings.js';

/** Columns that help texts are written for. */
const WIDTH = 100;
const INDENT = '  ';

/** How one command is used: usage line, what it does, options, examples. */
export function commandHelp(command: Command): string {
  const { details = [], positionals = [], options, settings, examples } = command;
  return sections(
    `Usage: ${usageLine(command)}`,
    [wrap(sentence(command.summary), ''), ...(details.length > 0 ? ['', wrap(details.join(' '), '')] : [])].join('\n'),
    positionals.length > 0 &&
      titled(
        'Arguments',
        positionals.map(({ name, doc, choices }) => [name, withChoices(doc, choices)]),
      ),
    Object.keys(options).length > 0 && titled('Options', optionLines(options)),
    titled('Configuration', optionLines({ ...settingOptions(settings), ...COMMON_OPTIONS })),
    exampleLines(command),
    examples.length > 0 && 'Exit codes: `canopy help exit-codes`',
  );
}

/** `canopy diff FROM [TO] [OPTIONS]`. */
export function usageLine({ name, positionals = [] }: Command): string {
  const shown = positionals.map((positional) => (positional.optional ? `[${positional.name}]` : positional.name));
  return ['canopy', name, ...shown, '[OPTIONS]'].join(' ');
}

const exampleLines = ({ examples }: Command): string =>
  ['Examples:', ...examples.flatMap(({ line, says }) => [`${INDENT}canopy ${line}`, `${INDENT}${INDENT}${says}`])].join('\n');

/** Options as pairs of how they are written and what they do. */
export const optionLines = (options: Readonly<Record<string, Option>>): (readonly [string, string])[] =>
  Object.entries(options).map(([name, option]) => [
    writtenOption(name, option),
    withChoices(option.doc, option.type === 'switch' ? undefined : option.choices),
  ]);

/** What may be written is said, where the text does not say it already; of the same name in two cases the first. */
export function withChoices(doc: string, choices: readonly string[] | undefined): string {
  if (choices === undefined || choices.every((choice) => doc.toLowerCase().includes(choice.toLowerCase()))) return doc;
  const names = new Map([...choices].reverse().map((choice) => [choice.toLowerCase(), choice]));
  return `${doc}; one of ${[...names.values()].reverse().join(', ')}`;
}

/** `-o, --output FORMAT`. */
export const writtenOption = (name: string, option: Option): string =>
  [option.short === undefined ? '' : `-${option.short}, `, `--${name}`, option.type === 'switch' ? '' : ` ${option.placeholder}`].join('');

/** A title and pairs below it, the second part aligned and wrapped. */
export function titled(title: string, pairs: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...pairs.map(([left]) => left.length)));
  const lines = pairs.map(([left, right]) => {
    const margin = ' '.repeat(INDENT.length + width + 2);
    const text = wrap(right, margin).slice(margin.length);
    return left.length <= width ? `${INDENT}${left.padEnd(width)}  ${text}` : `${INDENT}${left}\n${margin}${text}`;
  });
  return [`${title}:`, ...lines].join('\n');
}

/** Sections with an empty line between them; false ones are left out. */
export const sections = (...parts: readonly (string | false)[]): string => `${parts.filter((part) => part !== false).join('\n\n')}\n`;

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

/** Breaks a paragraph at words; every line begins with the margin. */
export function wrap(text: string, margin: string): string {
  const lines: string[] = [];
  let line = margin;
  for (const word of text.split(/\s+/)) {
    if (line.length > margin.length && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = margin;
    }
    line += line.length > margin.length ? ` ${word}` : word;
  }
  return [...lines, line].join('\n');
}
