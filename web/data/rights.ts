import { createStore, useStore } from './store.js';

/** What who asks may, as the analyzer says it: `capture:write`. Nothing until it is known. */
export const rights = createStore<ReadonlySet<string>>(new Set());

/** Whether something may be done; what may not is not offered. */
export const useMay = (right: string): boolean => useStore(rights).has(right);
