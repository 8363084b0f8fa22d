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

/** How a Gremlin string could go on from its end, as the analyzer knows it: steps, keys, values of the live graph. */
export const completeGremlin = async (query: string, signal?: AbortSignal): Promise<ResultOf<typeof Completions>['gremlinCompletions']> =>
  (await ask(Completions, { query }, signal)).data.gremlinCompletions;
