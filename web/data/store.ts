import { useSyncExternalStore } from 'react';

/** One value that several places show. */
export interface Store<Value> {
  get(): Value;
  set(value: Value): void;
  /** Calls after each change; returns how to stop. */
  subscribe(listener: () => void): () => void;
}

export function createStore<Value>(first: Value): Store<Value> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value, and again when it changes. */
export const useStore = <Value>(store: Pick<Store<Value>, 'get' | 'subscribe'>): Value => useSyncExternalStore(store.subscribe, store.get);
