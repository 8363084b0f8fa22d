import { useEffect, useState } from 'react';

/** Shortest time between two looks at the present. */
const LEAST_MS = 2_000;

/** The stretch that the bar shows: it ends now and moves on with each step; a moment further back stretches it. */
export function useWindow(length: number, step: number, at: string | undefined): { readonly from: number; readonly to: number } {
  const [now, setNow] = useState(Date.now);
  const every = Math.max(LEAST_MS, step);
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every, length]);
  // While a moment is looked at the bar keeps still under the hand, unless that moment would leave it.
  const first = now - length;
  const moment = at === undefined ? now : Date.parse(at);
  return moment < first ? { from: moment - length * 0.05, to: now } : { from: first, to: now };
}
