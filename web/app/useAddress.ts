import { useCallback, useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Address, readAddress, writeAddress } from './address.js';
import { OneView } from './views.js';

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
    const back = (): void => {
      clearTimeout(late);
      setState(readAddress(location.search));
    };
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);
  useEffect(() => {
    const id = new URLSearchParams(location.search).get('view');
    if (id === null) return;
    // A link to a named view: from here on the address says what the view says.
    const show = (search: string, problem?: string): void => {
      const read = readAddress(search);
      history.replaceState(null, '', search === '' ? location.pathname : `?${search}`);
      setState(problem === undefined ? read : { ...read, problems: [problem] });
    };
    ask(OneView, { id })
      .then(({ data }) => (data.view ? show(data.view.address) : show('', `view=${id}`)))
      .catch(() => show('', `view=${id}`));
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
let late: ReturnType<typeof setTimeout> | undefined;
/** Milliseconds that the line of the address waits for what a group holds: a browser without a graphics card paints one or the other. */
const LATE_MS = 400;

function write(search: string, what: string): void {
  clearTimeout(late);
  if (what === 'open') late = setTimeout(() => put(search, what), LATE_MS);
  else put(search, what);
}

function put(search: string, what: string): void {
  const now = performance.now();
  const url = search === '' ? location.pathname : `?${search}`;
  if (url === location.search) return;
  const isSameStep = what === last.what && now - last.at < SAME_STEP_MS;
  last = { what, at: now };
  history[isSameStep ? 'replaceState' : 'pushState'](null, '', url);
}
