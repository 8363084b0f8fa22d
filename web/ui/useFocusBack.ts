import { type RefObject, useLayoutEffect } from 'react';

/** Gives the focus back to what had it before, when what it is in goes: whoever works by keys stays where they were. */
export function useFocusBack(inside: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = inside.current;
    const before = document.activeElement;
    return () => {
      const isInside = element?.contains(document.activeElement) ?? false;
      if (isInside && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [inside]);
}
