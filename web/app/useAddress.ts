import { useCallback, useEffect, useState } from 'react';
import { type Address, readAddress, writeAddress } from './address.js';

/** Changes that come so close after one another are one step back: dragging through time, typing. */
const SAME_STEP_MS = 800;

/** The address, how to change it, and what of it made no sense when the page was opened. */
export function useAddress(): {
  readonly address: Address;
  readonly problems: readonly string[];
  change(change: Partial<Address>): void;
} {
  const [{ address, problems }, setState] = useState(() => readAddress(location.search));
  useEffect(() => {
    const back = (): void => setState(readAddress(location.search));
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  const change = useCallback((part: Partial<Address>) => {
    setState((state) => {
      const next = { ...state.address, ...part };
      const search = writeAddress(next);
      if (search !== writeAddress(state.address)) write(search, Object.keys(part).join());
      return { address: next, problems: state.problems };
    });
  }, []);
  return { address, problems, change };
}

let last = { what: '', at: 0 };

function write(search: string, what: string): void {
  const now = performance.now();
  const url = search === '' ? location.pathname : `?${search}`;
  if (url === location.search) return;
  const isSameStep = what === last.what && now - last.at < SAME_STEP_MS;
  last = { what, at: now };
  history[isSameStep ? 'replaceState' : 'pushState'](null, '', url);
}
