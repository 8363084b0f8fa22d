import { ask } from './ask.js';
import { graphql, type ResultOf } from './graphql.js';

const Completions = graphql(`
  query Completions($query: String!) {
    gremlinCompletions(query: $query) {
      from
      items {
        text
        doc
      }
    }
  }
`);

/** More than these nobody reads below a line of text. */
const MOST = 10;

/** How a Gremlin string could go on from its end, as the analyzer knows it: steps, keys, values of the live graph. */
export const completeGremlin = async (query: string, signal?: AbortSignal): Promise<ResultOf<typeof Completions>['gremlinCompletions']> =>
  (await ask(Completions, { query }, signal)).data.gremlinCompletions;

/** A way to go on at the caret; it replaces what stands from the offset `from` up to there. */
export interface GremlinCompletion {
  readonly text: string;
  readonly note: string;
  readonly from: number;
}

/** How a Gremlin string in a line of text could go on at the caret. */
export async function completeGremlinAt(text: string, caret: number, signal: AbortSignal): Promise<readonly GremlinCompletion[]> {
  const { from, items } = await completeGremlin(text.slice(0, caret), signal);
  return items.slice(0, MOST).map((item) => ({ text: item.text, note: item.doc, from }));
}

/** The string with a completion in it, its quote closed, and where the caret then stands; it may go on from there. */
export function completedGremlin(
  text: string,
  caret: number,
  { text: end, from = caret }: { readonly text: string; readonly from?: number },
): { readonly next: string; readonly at: number; readonly goesOn: true } {
  const quote = /['"]/.exec(text[from - 1] ?? '')?.[0] ?? '';
  const closed = text[caret] === quote ? end : `${end}${quote}`;
  return { next: `${text.slice(0, from)}${closed}${text.slice(caret)}`, at: from + closed.length, goesOn: true };
}
