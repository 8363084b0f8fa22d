import { useEffect, useState } from 'react';
import type { Document } from './ask.js';
import type { Failure } from './failure.js';
import type { ResultOf, VariablesOf } from './graphql.js';
import { listen } from './listen.js';

/** Listens to a subscription that says the whole state each time; `undefined` listens to nothing. */
export function useListening<D extends Document>(
  document: D,
  variables: VariablesOf<D> | undefined,
): { readonly data: ResultOf<D> | undefined; readonly failure: Failure | undefined } {
  const key = variables === undefined ? undefined : JSON.stringify(variables);
  const [data, setData] = useState<ResultOf<D>>();
  const [failure, setFailure] = useState<Failure>();
  useEffect(() => {
    setData(undefined);
    setFailure(undefined);
    if (key === undefined) return;
    return listen(document, () => JSON.parse(key) as VariablesOf<D>, { next: setData, refused: setFailure });
  }, [document, key]);
  return { data, failure };
}
