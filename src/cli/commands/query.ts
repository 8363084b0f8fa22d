import { readFile } from 'node:fs/promises';
import { printEvents, isSubscription, showDocument } from '../ask/document.js';
import { parseObject } from '../ask/filters.js';
import { interruption } from '../ask/interrupt.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import type { Question } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption } from '../output/format.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

export const command = defineCommand({
  name: 'query',
  summary: 'ask with a GraphQL document, or follow a subscription',
  details: [
    'Prints a table on a terminal and JSON into a file or pipe. A subscription prints a JSON line for each event; after a lost connection it goes on by itself: where',
    'the document takes a variable $after and its events carry a cursor, from the last cursor, so that nothing is missed; otherwise from its beginning.',
  ],
  positionals: [{ name: 'DOC', doc: 'the GraphQL document; `-` reads it from standard input', optional: true }],
  options: {
    file: { type: 'text', short: 'f', placeholder: 'FILE', doc: 'read the document from a file' },
    variables: { type: 'text', placeholder: 'JSON', doc: 'variables as a JSON object, or @FILE' },
    operation: { type: 'text', placeholder: 'NAME', doc: 'which operation, where the document holds several' },
    watch: { type: 'switch', short: 'w', doc: 'the document is a subscription: follow it until Ctrl-C' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  takesDocuments: true,
  examples: [
    { line: "query '{ nodes(first: 5) { nodes { name type state } } }'", says: 'five nodes' },
    {
      line: `query 'query ($at: DateTime) { nodes(at: $at) { totalCount } }' --variables '{"at": "-5m"}'`,
      says: 'how many nodes there were five minutes ago',
    },
    { line: 'query --file topology.graphql -o json', says: 'a document from a file' },
    { line: "query --watch 'subscription { statusChanges { __typename } }'", says: 'a subscription' },
  ],
  async run({ options, positionals, terminal, config }) {
    const document = await readDocument(positionals[0], options.file, terminal);
    const variables = options.variables === undefined ? undefined : await readVariables(options.variables);
    const question: Question = { document, variables, operationName: options.operation };
    const analyzer = await analyzerOf((await config()).config);
    if (options.watch) {
      const { signal, release } = interruption(terminal);
      await printEvents(analyzer, question, terminal, signal).finally(release);
      return OK;
    }
    if (isSubscription(document)) throw usageError('this document is a subscription', 'Add --watch to follow it.');
    return showDocument(analyzer, question, options.output, terminal);
  },
});

async function readDocument(given: string | undefined, file: string | undefined, terminal: Terminal): Promise<string> {
  if (given !== undefined && file !== undefined) throw usageError('both a document and --file are given', 'Leave one of them out.');
  if (file !== undefined) return readFileOf('--file', file);
  if (given === '-') return terminal.input();
  if (given === undefined)
    throw usageError('DOC is missing: the GraphQL document', "Write it in quotes: canopy query '{ status { __typename } }'");
  return given;
}

async function readVariables(text: string): Promise<Record<string, unknown>> {
  return parseObject('--variables', text.startsWith('@') ? await readFileOf('--variables', text.slice(1)) : text);
}

async function readFileOf(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(`${option}: cannot read ${file}`, (error as Error).message);
  }
}
