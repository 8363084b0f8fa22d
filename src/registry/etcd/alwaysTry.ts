import type { IOptions } from 'etcd3';

type HostPolicy = ReturnType<NonNullable<NonNullable<IOptions['faultHandling']>['host']>>;

const neverAborted = new AbortController().signal;
const tellsNothing = (): { dispose(): void } => ({ dispose: () => undefined });

/**
 * Tries each call. The client's own policy holds calls to a host back after three failures, and then waits for itself for ever: the call by which it looks
 * whether etcd is back learns that its token is not valid any more, and the same call with a new one waits for the first to end.
 */
export const alwaysTry = {
  execute: async (call, signal = neverAborted) => call({ signal }),
  onSuccess: tellsNothing,
  onFailure: tellsNothing,
} as Pick<HostPolicy, 'execute' | 'onSuccess' | 'onFailure'> as HostPolicy;
