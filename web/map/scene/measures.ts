import type { PictureNode } from '../../data/elements.js';
import { bits, number, perSecond } from '../../ui/format.js';
import { HEAT, type Role } from './scene.js';

/** What colours say: the state, or one of these; the names stand in addresses of the page. */
export const MEASURES = ['state', 'rate', 'drops', 'use', 'number'] as const;
export type MeasureName = (typeof MEASURES)[number];

export interface Measure {
  readonly name: MeasureName;
  /** With `number`: the dotted path in the metadata. */
  readonly path: string;
}

/** What is measured of a node. */
export interface Reading {
  /** Received and sent, bit/s; `undefined` where nothing counts. */
  readonly rx: number | undefined;
  readonly tx: number | undefined;
  /** Packets thrown away a second. */
  readonly drops: number;
  /** The number of metadata that was asked for. */
  readonly value: number | undefined;
}

/** By id of the node. */
export type Readings = ReadonlyMap<string, Reading>;
export const NO_READINGS: Readings = new Map();

/** Steps of colour, the least first, and which of them a node has. */
export interface Scale {
  readonly title: string;
  /** What each step stands for; as many as there are colours, or fewer. */
  readonly steps: readonly string[];
  /** The measured value; `undefined` where there is none. */
  valueOf(node: PictureNode, reading: Reading): number | undefined;
  /** From 0; the step of a value. */
  stepOf(value: number): number;
  format(value: number): string;
}

/** Colour of a step of the scale: the last steps, where it has fewer than there are colours. */
export const heatOf = (step: number, { steps }: Scale): Role => HEAT[steps.length === 1 ? 2 : step + HEAT.length - steps.length]!;

/** A scale with fixed steps: each begins at its bound, the first with everything below the second. */
function bounded(
  title: string,
  bounds: readonly number[],
  format: (value: number) => string,
  valueOf: Scale['valueOf'],
  least = `below ${format(bounds[1]!)}`,
): Scale {
  const steps = bounds.map((bound, index) =>
    index === 0 ? least : index === bounds.length - 1 ? `${format(bound)} and more` : `${format(bound)} – ${format(bounds[index + 1]!)}`,
  );
  const stepOf = (value: number): number =>
    Math.max(
      0,
      bounds.findLastIndex((bound) => value >= bound),
    );
  return { title, steps, valueOf, stepOf, format };
}

const busier = ({ rx, tx }: Reading): number | undefined => (rx === undefined && tx === undefined ? undefined : Math.max(rx ?? 0, tx ?? 0));
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const FIXED: Readonly<Record<Exclude<MeasureName, 'state' | 'number'>, Scale>> = {
  rate: bounded('Bit rate, the busier direction', [0, 1e4, 1e6, 1e7, 1e8, 1e9], bits, (_node, reading) => busier(reading)),
  drops: bounded(
    'Packets dropped',
    [0, 0.001, 0.1, 1, 10, 100],
    perSecond,
    (_node, reading) => (reading.rx === undefined ? undefined : reading.drops),
    'none',
  ),
  use: bounded('Used share of the speed', [0, 0.01, 0.1, 0.4, 0.7, 0.9], percent, (node, reading) => {
    const rate = busier(reading);
    const speed = 'speed' in node ? node.speed : undefined;
    return rate === undefined || !speed ? undefined : rate / speed;
  }),
};

/**
 * The scale of a measure; `undefined` where colours say the state. Of a number it goes from the least to the greatest that there is in what is
 * read, and in closed groups.
 */
export function scaleOf({ name, path }: Measure, all: Iterable<Readings>, inGroups: readonly number[] = []): Scale | undefined {
  if (name === 'state') return undefined;
  if (name !== 'number') return FIXED[name];
  let [least, most] = [Math.min(...inGroups), Math.max(...inGroups)];
  for (const readings of all)
    for (const { value } of readings.values())
      if (value !== undefined) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
  return numberScale(path, least, most);
}

function numberScale(path: string, least: number, most: number): Scale {
  const valueOf: Scale['valueOf'] = (_node, { value }) => value;
  if (!(most > least)) return { title: path, steps: least === Infinity ? [] : [number(least)], valueOf, stepOf: () => 0, format: number };
  const width = (most - least) / HEAT.length;
  const bounds = HEAT.map((_, index) => least + index * width);
  return {
    title: path,
    steps: bounds.map((bound) => `${number(bound)} – ${number(bound + width)}`),
    valueOf,
    stepOf: (value) => Math.min(HEAT.length - 1, Math.max(0, Math.floor((value - least) / width))),
    format: number,
  };
}

/** Whether two scales give the same colours, so that a picture made with one is right for the other. */
export const isSameScale = (a: Scale | undefined, b: Scale | undefined): boolean =>
  a === b || (a?.title === b?.title && a?.steps.join('|') === b?.steps.join('|'));
