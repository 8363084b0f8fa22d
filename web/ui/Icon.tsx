import type { JSX } from 'react';

/** Strokes of each icon on a square of 16. */
const PATHS = {
  map: 'M3 4h4v4H3zM9 8h4v4H9zM7 6h4v2',
  flows: 'M2 5h9l-2-2m2 2L9 7M14 11H5l2-2m-2 2 2 2',
  captures: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2m0 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4',
  changes: 'M3 4h7M3 8h10M3 12h5',
  rules: 'M3 3h4v4H3zM9 9h4v4H9zM7 5h4v4M9 3h4',
  ask: 'm3 5 3 3-3 3M8 12h5',
  status: 'M2 9h3l2-5 2 8 2-3h3',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5 14 14',
  close: 'm4 4 8 8M12 4l-8 8',
  view: 'M4 2h8v12l-4-3-4 3z',
  sun: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M3 13l1.4-1.4M11.6 4.4 13 3',
  help: 'M6 6a2 2 0 1 1 3 1.7c-.7.4-1 .8-1 1.8M8 12v.2',
  play: 'M5 3v10l8-5z',
  pause: 'M5 3v10M11 3v10',
  previous: 'M10 3 5 8l5 5M3.5 3v10',
  next: 'm6 3 5 5-5 5M12.5 3v10',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  table: 'M2 3h12v10H2zM2 6.5h12M6 6.5V13',
  layers: 'm8 2 6 3.5L8 9 2 5.5zM2 9l6 3.5L14 9',
  save: 'M8 2v8m0 0L5 7m3 3 3-3M3 13h10',
  copy: 'M5 5h8v8H5zM3 11V3h8',
  chevron: 'm6 4 4 4-4 4',
  filter: 'M2 3h12l-4.5 5.5V13l-3-1.5v-3z',
  focus: 'M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M8 1v2M8 13v2M1 8h2M13 8h2',
  clock: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2m0 3v3l2 2',
  person: 'M8 2.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M3 14c0-3 2-4.5 5-4.5s5 1.5 5 4.5',
  openAll: 'M3 3h10v10H3zM8 5.5v5M5.5 8h5',
  closeAll: 'M3 3h10v10H3zM5.5 8h5',
  full: 'M6 2H2v4M10 14h4v-4M2 2l5 5M14 14 9 9',
} as const;
export type IconName = keyof typeof PATHS;

/** A drawn sign of 16 pixels; the words stand beside it or on the button. */
export const Icon = ({ name }: { readonly name: IconName }): JSX.Element => (
  <svg
    width="16"
    height="16"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.4"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
);
