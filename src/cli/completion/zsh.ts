import type { CompletedCommand, CompletedOption } from './tree.js';

/** Completion script for zsh. */
export const zshCompletion = (commands: readonly CompletedCommand[]): string => `#compdef canopy
# Completion of canopy for zsh. Try it: source <(canopy completion zsh)
_canopy() {
  local -a commands
  local line state
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  _arguments -C '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $line[1] in
${commands.map(argumentsCase).join('\n')}
      esac ;;
  esac
}
# Loaded from a folder of functions, this file is the first call itself; sourced, it only makes the function known.
if [[ $funcstack[1] == _canopy ]]; then _canopy; else compdef _canopy canopy; fi
`;

function argumentsCase({ name, options, words }: CompletedCommand): string {
  const positional = words.length > 0 ? [quote(`1:argument:(${words.join(' ')})`)] : [];
  return `        ${name}) _arguments ${[...options.flatMap(optionSpecs), ...positional].join(' ')} ;;`;
}

function optionSpecs({ long, short, doc, takesValue, choices, isFile }: CompletedOption): string[] {
  const value = !takesValue ? '' : isFile ? ':file:_files' : choices.length > 0 ? `:value:(${choices.join(' ')})` : ':value: ';
  return [long, short]
    .filter((written) => written !== undefined)
    .map((written) => quote(`*${written}[${doc.replace(/[[\]:]/g, '\\$&')}]${value}`));
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
