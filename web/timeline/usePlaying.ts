import { useCallback, useEffect, useRef, useState } from 'react';

const TICK_MS = 500;

/** Moves through time at a speed until the present is reached; then it is live. */
export function usePlaying(
  moment: number,
  speed: number,
  onTime: (at: string | undefined) => void,
): { readonly isPlaying: boolean; turn(): void } {
  const [isPlaying, setPlaying] = useState(false);
  const latest = useRef({ moment, onTime });
  latest.current = { moment, onTime };
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => {
      const next = latest.current.moment + TICK_MS * speed;
      if (next >= Date.now()) {
        setPlaying(false);
        latest.current.onTime(undefined);
      } else latest.current.onTime(new Date(next).toISOString());
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [isPlaying, speed]);
  return { isPlaying, turn: useCallback(() => setPlaying((now) => !now), []) };
}
