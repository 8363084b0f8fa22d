import type { Family } from '../../data/kinds.js';
import type { Drawn, Fill, Role } from './scene.js';

/** What is not meant is still there, but steps back. */
export const DIMMED = 0.22;
export const RECTANGLE = { shape: 0, radius: 6, edgeWidth: 1, pattern: 'solid', opacity: 1 } as const;

/** A state is a filling and a colour, never the colour alone. */
export const FILL_OF: Readonly<Record<string, Fill>> = { UP: 'solid', DOWN: 'hollowBar', UNKNOWN: 'dotted', OTHER: 'half' };
export const ROLE_OF: Readonly<Record<string, Role>> = { UP: 'up', DOWN: 'down', UNKNOWN: 'unknown', OTHER: 'other' };

/** Sizes of the signs at the head of an area and of a group. */
export const HEAD_SIGN = 16;
export const GROUP_SIGN = 20;

/** A sign without a shape, with its middle at this height. */
export const headSign = (icon: Family, x: number, y: number, opacity: number, size = HEAD_SIGN): Drawn => ({
  ...RECTANGLE,
  x,
  y: y - size / 2,
  width: size,
  height: size,
  fill: 'muted',
  edge: 'muted',
  edgeWidth: 0,
  pattern: 'bare',
  icon,
  opacity,
});
