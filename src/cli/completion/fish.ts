import type { CompletedCommand } from './tree.js';

/** Completion script for fish. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of canopy for fish. Try it: canopy completion fish | source
complete -c canopy -f
${commands.map((command) => lines(command, names)).join('\n')}
`;
}

function lines({ name, summary, options, words }: CompletedCommand, names: string): string {
  const here = `-n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c canopy -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quote(summary)}`,
    ...(words.length > 0 ? [`complete -c canopy ${here} -a ${quote(words.join(' '))}`] : []),
    ...options.map(({ long, short, doc, takesValue, choices, isFile }) =>
      [
        `complete -c canopy ${here} -l ${long.slice(2)}`,
        short === undefined ? '' : ` -s ${short.slice(1)}`,
        takesValue ? ' -r' : '',
        isFile ? ' -F' : '',
        choices.length > 0 ? ` -a ${quote(choices.join(' '))}` : '',
        ` -d ${quote(doc)}`,
      ].join(''),
    ),
  ].join('\n');
}

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
