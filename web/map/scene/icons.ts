import type { Family } from '../../data/kinds.js';

/** Strokes of each family's sign, on a square of 16; drawn by ourselves. */
export const ICONS: Readonly<Record<Family, string>> = {
  port: 'M4 4.5h8V10h-2v2H6v-2H4zM6.5 4.5V7M9.5 4.5V7',
  bond: 'M4 5.5h8M4 8h8M4 10.5h8',
  bridge: 'M3.5 11a4.5 4.5 0 0 1 9 0M3.5 11h9M8 6.5V11',
  vlan: 'M5 5.5 8 11l3-5.5',
  tunnel: 'M4.5 12V8.5a3.5 3.5 0 0 1 7 0V12',
  tap: 'M8 4.5v7M5 8.5l3 3 3-3',
  veth: 'M4.5 6.5h7l-2-2M11.5 9.5h-7l2 2',
  workload: 'm8 3.5 4 2.2v4.6l-4 2.2-4-2.2V5.7zM4 5.7l4 2.2 4-2.2M8 7.9v4.6',
  loopback: 'M11.3 9.5A3.6 3.6 0 1 1 11 6.2M11.6 3.6v2.8H8.8',
  namespace: 'M6.5 4H4v8h2.5M9.5 4H12v8H9.5',
  host: 'M4 4h8v3.2H4zM4 8.8h8V12H4zM6 5.6h.1M6 10.4h.1',
  other: 'M8 7.9v.2',
};

/** Their order in the atlas; 0 is none. */
const ORDER = Object.keys(ICONS) as readonly Family[];
export const ICON_COUNT = ORDER.length;
export const iconNumber = (family: Family | undefined): number => (family === undefined ? 0 : ORDER.indexOf(family) + 1);
export const iconPaths: readonly string[] = ORDER.map((family) => ICONS[family]);

/** How much of a shape the sign takes, and how far below its middle it stands, as shares of the size. */
const ROOM: Readonly<Record<number, readonly [size: number, down: number]>> = {
  0: [0.92, 0],
  1: [0.84, 0],
  2: [0.66, 0],
  3: [0.86, 0],
  4: [0.6, 0.12],
};
export const roomOf = (shape: number): readonly [size: number, down: number] => ROOM[shape] ?? [0.9, 0];

/** Whether a sign stands on its shape's filling, or beside it in the colour of the edge. */
export const standsOnFill = (pattern: string): boolean => pattern === 'solid' || pattern === 'half';

/** Dark signs on light fillings, light ones on dark. */
export const inkOn = ([red, green, blue]: readonly [number, number, number]): readonly [number, number, number] =>
  red * 0.3 + green * 0.59 + blue * 0.11 > 0.5 ? [0.07, 0.09, 0.12] : [1, 1, 1];
