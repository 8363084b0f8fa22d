import { useEffect, useState } from 'react';
import type { Failure } from '../data/failure.js';
import { listen } from '../data/listen.js';
import { useAnswer } from '../data/useAnswer.js';
import { type Capture, CaptureChanges, Captures } from './documents.js';

/** Milliseconds within which changes of captures are read again once, and after which counters are. */
const TOGETHER_MS = 300;
const COUNTERS_MS = 5_000;

/** All captures, read again when one changes, and now and then for their counters. */
export function useCaptures(): { readonly captures: readonly Capture[] | undefined; readonly failure: Failure | undefined; again(): void } {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => setTurn((count) => count + 1);
    const stop = listen(CaptureChanges, () => ({}), {
      refused: () => undefined,
      next: () => {
        clearTimeout(timer);
        timer = setTimeout(again, TOGETHER_MS);
      },
    });
    const counters = setInterval(again, COUNTERS_MS);
    return () => {
      stop();
      clearTimeout(timer);
      clearInterval(counters);
    };
  }, []);
  const { data, failure } = useAnswer(Captures, {}, { turn });
  return { captures: data?.captures?.nodes, failure, again: () => setTurn((count) => count + 1) };
}
