import type { CompletedCommand } from './tree.js';

/** Completion script for bash 4 and later. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of canopy for bash. Try it: source <(canopy completion bash)
_canopy() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command= index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${names.replaceAll(' ', '|')}) command=\${COMP_WORDS[index]}; break ;;
    esac
  done
  case "$command $before" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case $command in
    '') COMPREPLY=($(compgen -W '${names}' -- "$word")) ;;
${commands.map(optionCase).join('\n')}
  esac
}
complete -F _canopy canopy
`;
}

/** What follows an option that takes a value. */
const valueCases = ({ name, options }: CompletedCommand): string[] =>
  options
    .filter(({ takesValue }) => takesValue)
    .map(({ long, short, choices, isFile }) => {
      const before = [long, short].filter((written) => written !== undefined).map((written) => `'${name} ${written}'`);
      const reply = isFile ? 'compgen -f -- "$word"' : `compgen -W '${choices.join(' ')}' -- "$word"`;
      return `    ${before.join('|')}) COMPREPLY=($(${reply})); return ;;`;
    });

const optionCase = ({ name, options, words }: CompletedCommand): string =>
  `    ${name}) COMPREPLY=($(compgen -W '${[...words, ...options.map(({ long }) => long)].join(' ')}' -- "$word")) ;;`;
