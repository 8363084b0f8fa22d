import { ask } from '../../client/ask.js';
import type { Analyzer } from '../../client/analyzer.js';
import { describeFault, type GraphqlFault } from '../../client/answer.js';
import type { OptionTable, OptionValues } from '../command.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

/** Options of every command that answers with a list. */
export const PAGE_OPTIONS = {
  first: { type: 'text', placeholder: 'NUMBER', doc: 'most rows, 50 unless said otherwise' },
  all: { type: 'switch', doc: 'every row, page by page, all of the same moment' },
} as const satisfies OptionTable;

export type PageValues = OptionValues<typeof PAGE_OPTIONS>;

/** A Relay connection as the commands ask for it. */
export interface Connection<Row> {
  readonly totalCount?: number | null;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly Row[];
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** How many there are in all, where the list knows it. */
  readonly total: number | undefined;
  readonly isCut: boolean;
  readonly errors: readonly GraphqlFault[];
}

const DEFAULT_ROWS = 50;
/** What the schema lets through by default. */
const LARGEST_PAGE = 1_000;

/** Asks for rows, page after page. The document takes `$first: Int, $after: String` among its variables. */
export async function askRows<Data, Row>(
  analyzer: Analyzer,
  document: string,
  variables: Readonly<Record<string, unknown>>,
  page: PageValues,
  connectionIn: (data: Data) => Connection<Row>,
): Promise<Rows<Row>> {
  const wanted = page.all === true ? Infinity : readCount(page.first);
  const rows: Row[] = [];
  const errors: GraphqlFault[] = [];
  let after: string | undefined;
  for (;;) {
    const first = Math.min(wanted - rows.length, LARGEST_PAGE);
    const answer = await ask<Data>(analyzer, { document, variables: { ...variables, first, after } });
    const { nodes, pageInfo, totalCount } = connectionIn(answer.data);
    rows.push(...nodes);
    errors.push(...answer.errors);
    if (!pageInfo.hasNextPage || rows.length >= wanted || pageInfo.endCursor === null) {
      return { rows, total: totalCount ?? undefined, isCut: pageInfo.hasNextPage, errors };
    }
    after = pageInfo.endCursor;
  }
}

/** How many rows are wanted. Throws what is wrong with the text. */
export function readCount(text: string | undefined): number {
  if (text === undefined) return DEFAULT_ROWS;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw usageError(`--first cannot be '${text}'; valid is a whole number from 1`, 'Use --all for every row.');
  return Number(text);
}

/** Says below the rows what they leave out and what failed; the exit code that follows from it. */
export function closeRows<Row>({ rows, total, isCut, errors }: Rows<Row>, noun: string, terminal: Terminal): number {
  if (rows.length === 0) terminal.err(`no ${noun}\n`);
  else if (isCut) terminal.err(`${rows.length}${total === undefined ? '' : ` of ${total}`} ${noun}; --all shows every one\n`);
  return reportFaults(errors, terminal);
}

/** Writes the errors of parts; the exit code that follows from them. */
export function reportFaults(errors: readonly GraphqlFault[], terminal: Terminal): number {
  for (const error of errors) terminal.err(`${error.extensions?.code ?? 'INTERNAL'}: ${describeFault(error)}\n`);
  return errors.length > 0 ? INCOMPLETE : OK;
}
