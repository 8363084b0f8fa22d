import type { Fill, Role } from './scene.js';

/** What is not meant is still there, but steps back. */
export const DIMMED = 0.22;
export const RECTANGLE = { shape: 0, radius: 6, edgeWidth: 1, pattern: 'solid', opacity: 1 } as const;

/** A state is a filling and a colour, never the colour alone. */
export const FILL_OF: Readonly<Record<string, Fill>> = { UP: 'solid', DOWN: 'hollowBar', UNKNOWN: 'dotted', OTHER: 'half' };
export const ROLE_OF: Readonly<Record<string, Role>> = { UP: 'up', DOWN: 'down', UNKNOWN: 'unknown', OTHER: 'other' };
