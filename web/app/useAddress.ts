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
      forget();
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

/** Milliseconds between two writings of what changes all the time: a browser takes some hundred in half a minute, and refuses the next. */
const LEAST_WAIT_MS = 350;

let last = { what: '', at: -Infinity };
/** What was typed or dragged since the last writing, and waits for the next. */
let waiting: { readonly search: string; readonly timer: ReturnType<typeof setTimeout> } | undefined;

/** Writes what a person did at once, so that nothing is lost when the page is loaded again; only what goes on and on waits for its turn. */
function write(search: string, what: string): void {
  const now = performance.now();
  const isSoon = now - last.at < SAME_STEP_MS;
  const isOngoing = isSoon && what === last.what;
  if (isOngoing && what !== 'open' && now - last.at < LEAST_WAIT_MS) {
    clearTimeout(waiting?.timer);
    waiting = { search, timer: setTimeout(flush, last.at + LEAST_WAIT_MS - now) };
    return;
  }
  // Another act is a step of its own, from where the one before ended; a group that was opened is selected in the same step.
  if (isOngoing) forget();
  else flush();
  put(search, isOngoing || (isSoon && last.what === 'open' && what === 'selected,also'));
  last = { what, at: now };
}

function flush(): void {
  const search = waiting?.search;
  forget();
  if (search === undefined) return;
  put(search, true);
  last = { ...last, at: performance.now() };
}

function forget(): void {
  clearTimeout(waiting?.timer);
  waiting = undefined;
}

function put(search: string, isSameStep: boolean): void {
  if (search === location.search.slice(1)) return;
  try {
    history[isSameStep ? 'replaceState' : 'pushState'](null, '', search === '' ? location.pathname : `?${search}`);
  } catch {
    // The browser takes no more for now.
    waiting = { search, timer: setTimeout(flush, SAME_STEP_MS) };
  }
}
