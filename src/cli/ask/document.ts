import type { Analyzer } from '../../client/analyzer.js';
import { ask, type Question } from '../../client/ask.js';
import { renderData } from '../output/anyData.js';
import { printData } from '../output/format.js';
import type { Terminal } from '../terminal.js';
import { reportFaults } from './paging.js';

/** The first word outside comments; a document that begins with a fragment is left to the analyzer to judge. */
export const isSubscription = (document: string): boolean => /^(?:\s|,|#[^\n]*\n)*subscription\b/.test(document);

/** Asks and shows the answer: a table for a person, JSON for a machine. Returns the exit code: parts may have failed. */
export async function showDocument(
  analyzer: Analyzer,
  question: Question,
  output: string | undefined,
  terminal: Terminal,
): Promise<number> {
  const { data, errors } = await ask<Record<string, unknown>>(analyzer, question);
  const format = output ?? (terminal.isTerminal ? 'table' : 'json');
  if (format === 'table') terminal.out(renderData(data, terminal));
  else await printData(data, format, terminal);
  return reportFaults(errors, terminal);
}

/** Prints the events of a subscription, one JSON line each, until the signal. */
export async function printEvents(analyzer: Analyzer, question: Question, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { followDocument } = await import('../../client/resume.js');
  const onLost = (error: Error) => terminal.err(`${error.message.split('\n')[0]}; trying again\n`);
  for await (const event of followDocument<object>(analyzer, question, { signal, onLost })) terminal.out(`${JSON.stringify(event)}\n`);
}
