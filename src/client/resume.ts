import type { Analyzer } from './analyzer.js';
import type { Question } from './ask.js';
import { follow, type Following } from './subscribe.js';

/** How a document is followed: until when, and who hears of losses. */
export type Attention = Pick<Following, 'signal' | 'onLost'>;

/**
 * Any subscription across lost connections. One that declares `$after` goes on after the last cursor it was given, so that nothing is missed and nothing comes twice;
 * after a `ResyncRequired` (of which the document must ask `__typename`) it begins anew. Others begin anew each time. Throws as `follow` does.
 */
export async function* followDocument<Result>(
  analyzer: Analyzer,
  question: Question,
  attention: Attention,
): AsyncGenerator<Result, void, undefined> {
  const isResumable = /\$after\s*:/.test(question.document);
  let after = question.variables?.after;
  const resume = (): Question => (isResumable ? { ...question, variables: { ...question.variables, after } } : question);
  for await (const event of follow<Result>(analyzer, { ...attention, resume })) {
    const root = Object.values(event as Record<string, unknown>)[0] as { cursor?: unknown; __typename?: unknown } | null | undefined;
    if (typeof root?.cursor === 'string') after = root.cursor;
    else if (root?.__typename === 'ResyncRequired') after = undefined;
    yield event;
  }
}
