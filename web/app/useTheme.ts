import { useEffect, useState } from 'react';

const KEY = 'canopy.theme';
export type Theme = 'light' | 'dark';

const wished = (): Theme => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
const chosen = (): Theme | undefined => {
  const text = localStorage.getItem(KEY);
  return text === 'light' || text === 'dark' ? text : undefined;
};

/** Light or dark: what the system wishes, unless somebody chose otherwise here. */
export function useTheme(): { readonly theme: Theme; turn(): void } {
  const [theme, setTheme] = useState<Theme>(() => chosen() ?? wished());
  // Before anything is painted with the colours of the other theme.
  document.documentElement.dataset.theme = theme;
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setTheme(chosen() ?? wished());
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return {
    theme,
    turn() {
      const next = theme === 'dark' ? 'light' : 'dark';
      if (next === wished()) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
      setTheme(next);
    },
  };
}
