import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

/** A place on the screen, CSS pixels from the window's upper left corner. */
export interface Near {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What is told, and beside which place. */
export interface Told<What> {
  readonly what: What;
  readonly near: Near;
}

export interface TipActs<What> {
  /** The pointer is on a thing, or on none: the first is told when it rests, the next ones at once. */
  point(key: string | undefined, what?: () => Told<What> | undefined): void;
  /** Told at once: somebody came to it by keys, or by a cursor that is drawn anyhow. */
  tell(what: Told<What> | undefined): void;
  /** Hides it, and stays silent about this thing until the pointer has left it. */
  dismiss(): void;
  /** The pointer is on the tip itself, which then stays. */
  hold(isHeld: boolean): void;
}

/** Milliseconds that the pointer rests on a thing before something is told: who only passes by is left alone. */
const REST_MS = 220;
/** Milliseconds in which the pointer may go from a thing to its tip. */
const LEAVE_MS = 300;

/**
 * When a tip is there (WCAG 2.2, 1.4.13): it stays until the pointer or the focus leaves, the pointer may go onto it, Escape dismisses it, and
 * does what it does there all the same.
 */
export function useTip<What>(): { readonly told: Told<What> | undefined } & TipActs<What> {
  const [told, setTold] = useState<Told<What>>();
  const now = useRef<{ key?: string | undefined; silent?: string | undefined; timer?: ReturnType<typeof setTimeout>; isShown: boolean }>({
    isShown: false,
  });
  const show = useCallback((next: Told<What> | undefined): void => {
    now.current.isShown = next !== undefined;
    setTold(next);
  }, []);
  const acts = useMemo((): TipActs<What> => {
    const state = now.current;
    return {
      point(key, what) {
        if (key !== state.silent) state.silent = undefined;
        if (key === state.key || (key !== undefined && key === state.silent)) return;
        clearTimeout(state.timer);
        state.key = key;
        if (key === undefined) state.timer = setTimeout(() => show(undefined), LEAVE_MS);
        else if (state.isShown) show(what?.());
        else state.timer = setTimeout(() => show(what?.()), REST_MS);
      },
      tell(what) {
        clearTimeout(state.timer);
        state.key = undefined;
        show(what);
      },
      dismiss() {
        clearTimeout(state.timer);
        state.silent = state.key;
        state.key = undefined;
        if (state.isShown) show(undefined);
      },
      hold(isHeld) {
        clearTimeout(state.timer);
        if (!isHeld) state.timer = setTimeout(() => show(undefined), LEAVE_MS);
      },
    };
  }, [show]);
  useEffect(() => {
    if (told === undefined) return;
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') acts.dismiss();
    };
    addEventListener('keydown', press, { capture: true });
    return () => removeEventListener('keydown', press, { capture: true });
  }, [told, acts]);
  useEffect(() => () => clearTimeout(now.current.timer), []);
  return { told, ...acts };
}
