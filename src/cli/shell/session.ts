import { askGremlinCompletions } from '../ask/gremlin.js';
import { answerOf, show, showPlan, watchGremlin } from '../ask/gremlinAnswer.js';
import { printEvents, showDocument } from '../ask/document.js';
import type { Analyzer } from '../../client/analyzer.js';
import { OK } from '../exitCodes.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';
import { completeDocument } from './documentCompletion.js';
import { isGremlin, readStatement, type Statement } from './statement.js';

/** Shell commands, for `:help` and completion. */
export const SHELL_COMMANDS: Readonly<Record<string, readonly [usage: string, doc: string]>> = {
  help: [':help', 'this list'],
  explain: [':explain STRING', 'how a Gremlin string is run'],
  watch: [':watch STRING', 'the answer, and again whenever it is another; Ctrl-C ends it'],
  output: [':output table|json|yaml', 'how answers are shown'],
  quit: [':quit', 'leave; so does Ctrl-D'],
};

const OUTPUTS = ['table', 'json', 'yaml'];

const HELP = `${Object.values(SHELL_COMMANDS)
  .map(([usage, doc]) => `  ${usage.padEnd(24)} ${doc}`)
  .join('\n')}

  G.V().Has('Type', 'veth')    a Gremlin string (docs/gremlin.md)
  { status { nodes edges } }   a GraphQL document; a subscription goes on until Ctrl-C

Tab completes steps, keys, values, fields and arguments. A statement goes on over lines while
brackets are open; an empty line ends it.
`;

export interface Completion {
  /** What may stand instead of `replaces`. */
  readonly texts: readonly string[];
  /** The end of the line that is replaced. */
  readonly replaces: string;
}

/** What a shell knows between its statements. */
export class Session {
  /** `undefined`: a table for a person, JSON for a machine. */
  #output: string | undefined;
  #isOver = false;

  constructor(
    private readonly analyzer: Analyzer,
    private readonly terminal: Terminal,
    output: string | undefined,
  ) {
    this.#output = output;
  }

  /** Whether somebody asked to leave. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs one statement and shows its answer. Returns the exit code of parts that failed; throws what failed as a whole. */
  async run(statement: Statement, signal: AbortSignal): Promise<number> {
    const { analyzer, terminal } = this;
    if (statement.language === 'command') return this.#command(statement.name, statement.rest, signal);
    if (statement.language === 'gremlin') {
      await show(await answerOf(analyzer, statement.text, this.#output), this.#output, terminal);
      return OK;
    }
    const question = { document: statement.text };
    if (!statement.isSubscription) return showDocument(analyzer, question, this.#output, terminal);
    await printEvents(analyzer, question, terminal, signal);
    return OK;
  }

  /** What could go on at the end of the text. Never throws: who types is not to be disturbed by an analyzer that is away. */
  async complete(typed: string): Promise<Completion> {
    const nothing: Completion = { texts: [], replaces: '' };
    try {
      const command = /^\s*:(\w*)$/.exec(typed);
      if (command !== null)
        return { texts: Object.keys(SHELL_COMMANDS).filter((name) => name.startsWith(command[1]!)), replaces: command[1]! };
      const text = typed.replace(/^\s*:\w+\s+/, '');
      if (text.trim() === '') return nothing;
      if (!isGremlin(text)) return await completeDocument(this.analyzer, text);
      const { from, items } = await askGremlinCompletions(this.analyzer, text);
      return { texts: items.map((item) => item.text), replaces: text.slice(from) };
    } catch {
      return nothing;
    }
  }

  async #command(name: string, rest: string, signal: AbortSignal): Promise<number> {
    const { analyzer, terminal } = this;
    switch (name) {
      case 'quit':
      case 'exit':
      case 'q':
        this.#isOver = true;
        return OK;
      case '':
      case 'help':
        terminal.out(HELP);
        return OK;
      case 'output':
        if (!OUTPUTS.includes(rest)) throw usageError(`'${rest}' is no way to show answers`, `Say :output ${OUTPUTS.join(', :output ')}.`);
        this.#output = rest;
        return OK;
      case 'explain':
        if (rest === '') throw usageError('the string is missing', "Say :explain G.V().Has('Type', 'veth')");
        await showPlan(analyzer, rest, this.#output, terminal);
        return OK;
      case 'watch': {
        const read = readStatement(rest, true);
        if (read.kind !== 'whole' || read.statement.language === 'command')
          throw usageError('there is nothing to watch', "Say :watch G.V().Has('State', 'DOWN')");
        if (read.statement.language === 'gremlin') await watchGremlin(analyzer, rest, this.#output, terminal, signal);
        else await printEvents(analyzer, { document: rest }, terminal, signal);
        return OK;
      }
      default:
        throw usageError(`there is no command ':${name}'`, ':help lists them.');
    }
  }
}
