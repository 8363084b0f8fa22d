import { ROLES, type Role } from '../scene/scene.js';

/** Colours of the theme by role, each of three numbers from 0 to 1. */
export type Palette = Readonly<Record<Role, readonly [number, number, number]>>;

const variable = (role: Role): string => `--map-${role.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Reads the theme's colours, `#rrggbb` or `#rgb` each, from the element's style. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  return Object.fromEntries(ROLES.map((role) => [role, parse(style.getPropertyValue(variable(role)).trim())])) as unknown as Palette;
}

function parse(text: string): readonly [number, number, number] {
  // Whoever makes the styles smaller writes `#fff`.
  const digits = text.length === 4 ? [...text.slice(1)].map((digit) => digit + digit).join('') : text.slice(1);
  const value = Number.parseInt(digits, 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export const css = ([red, green, blue]: readonly [number, number, number], opacity = 1): string =>
  `rgb(${Math.round(red * 255)} ${Math.round(green * 255)} ${Math.round(blue * 255)} / ${opacity})`;
