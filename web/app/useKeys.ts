import { useEffect, useRef } from 'react';

/** What a key does, wherever the focus is, as long as nobody is writing. The time bar has keys of its own. */
export interface KeyActs {
  find(): void;
  live(): void;
  fit(): void;
  table(): void;
  colour(): void;
  help(): void;
  back(): void;
}

const KEYS: Readonly<Record<string, keyof KeyActs>> = {
  '/': 'find',
  l: 'live',
  f: 'fit',
  t: 'table',
  c: 'colour',
  '?': 'help',
  Escape: 'back',
};

export function useKeys(acts: KeyActs): void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      const act = KEYS[event.key];
      if (act === undefined) return;
      event.preventDefault();
      latest.current[act]();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
