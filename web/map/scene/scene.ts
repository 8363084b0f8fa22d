import type { PictureEdge, PictureNode } from '../../data/elements.js';
import type { Rectangle } from '../layout/placeGroups.js';
import type { Family } from '../../data/kinds.js';
import type { Readings, Scale } from './measures.js';
import type { Traffic } from '../../data/traffic.js';

/** What happened to a thing between two moments that are compared. */
export type Mark = 'added' | 'removed' | 'changed';

/** A group as the analyzer sums it up. */
export interface Group {
  readonly id: string;
  readonly label: string;
  /** A name that says more than the label: the host's own. */
  readonly title: string;
  readonly counts: readonly { readonly type: string; readonly count: number }[];
  readonly states: readonly { readonly state: string; readonly count: number }[];
  /** The greatest value of what is measured of its things; `null` where colours say the state, and where nothing is known. */
  readonly most: number | null;
  readonly x: number | null;
  readonly y: number | null;
}

export interface GroupLink {
  readonly a: string;
  readonly b: string;
  readonly count: number;
  readonly relationTypes: readonly string[];
  readonly abBitsPerSecond: number | null;
  readonly baBitsPerSecond: number | null;
}

/** A group that is open, with what it holds and where that is. */
export interface OpenGroup {
  readonly nodes: ReadonlyMap<string, PictureNode>;
  readonly edges: ReadonlyMap<string, PictureEdge>;
  /** Another number when something came, went or changed its kind. */
  readonly structure: number;
  /** Places beginning at the group's corner; nodes that are not here belong to other groups. */
  readonly boxes: ReadonlyMap<string, Rectangle>;
  /** What is measured of its nodes. */
  readonly readings: Readings;
}

/** Everything that the picture is made from. */
export interface SceneInput {
  readonly groups: readonly Group[];
  readonly links: readonly GroupLink[];
  readonly places: ReadonlyMap<string, Rectangle>;
  readonly open: ReadonlyMap<string, OpenGroup>;
  /** Group of a node that stands in no open group. */
  groupOf(node: PictureNode): string;
  showsLink(relationType: string): boolean;
  /** What colours say; `undefined` is the state. */
  readonly scale: Scale | undefined;
  /** Things that were found; `undefined` when nothing is looked for. */
  readonly found: ReadonlySet<string> | undefined;
  /** How many things were found in each group. */
  readonly foundIn: ReadonlyMap<string, number> | undefined;
  readonly selected: string | undefined;
  /** Other things that a room wants to be seen: the way of a flow, the result of a query. */
  readonly lit: ReadonlySet<string>;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly marksIn: ReadonlyMap<string, Readonly<Record<Mark, number>>>;
}

/** Steps of colour for what is measured, the least first: as light says it to everybody, also to the colour-blind. */
export const HEAT = ['heat0', 'heat1', 'heat2', 'heat3', 'heat4', 'heat5'] as const;

/** Colours by role; what they are is the theme's matter. */
export const ROLES = [
  'canvas',
  'card',
  'cardEdge',
  'area',
  'areaEdge',
  'text',
  'muted',
  'link',
  'linkStrong',
  'accent',
  'up',
  'down',
  'unknown',
  'other',
  'added',
  'removed',
  'changed',
  ...HEAT,
] as const;
export type Role = (typeof ROLES)[number];

/** How a shape is filled; the numbers are known to the shader. What is bare is nothing but its sign; what is barred is filled, with a bar. */
export const FILLS = { solid: 0, hollowBar: 1, dotted: 2, half: 3, none: 4, bare: 5, barred: 6 } as const;
export type Fill = keyof typeof FILLS;

/** A shape: an area, a card, a glyph. */
export interface Drawn extends Rectangle {
  readonly shape: number;
  readonly radius: number;
  readonly fill: Role;
  readonly edge: Role;
  readonly edgeWidth: number;
  readonly pattern: Fill;
  /** The sign that stands on it. */
  readonly icon?: Family;
  /** 0 to 1. */
  readonly opacity: number;
}

/** A link, curved by the way of its control point. */
export interface Line {
  readonly id: string;
  /** What it leads from and to: a thing, or the closed group that the thing is in. */
  readonly from: string;
  readonly to: string;
  readonly x0: number;
  readonly y0: number;
  readonly cx: number;
  readonly cy: number;
  readonly x1: number;
  readonly y1: number;
  readonly width: number;
  readonly role: Role;
  readonly opacity: number;
  readonly style: 'solid' | 'dashed' | 'double';
  /** How many links it stands for, where it is a bundle of many, and what those carry together. */
  readonly bundled?: number;
  readonly traffic?: Traffic;
  /** Where traffic goes and how much: from 1, much from `from` to `to`, to -1, much the other way; 0 where nothing is known. */
  readonly flow: number;
}

export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** CSS pixels at scale 1. */
  readonly size: number;
  readonly role: Role;
  readonly isStrong: boolean;
  readonly align: 'left' | 'center' | 'right';
  /** Longer texts are cut with an ellipsis. */
  readonly maxWidth: number;
  readonly opacity: number;
  /** Titles stay readable from further away than what they stand over. */
  readonly isTitle: boolean;
  /** Upper edge of what it is the title of: however small that gets, the title does not ride on it. */
  readonly top?: number;
  /** Room for the sign before it, a part of `maxWidth`, which falls away where the sign is too small to be drawn. */
  readonly indent?: number;
  /** Screen pixels for each of the picture below which it is left out, however well it could be read. */
  readonly leastScale?: number;
  /** Stands over lines, and is set off from them by this colour. */
  readonly halo?: Role;
}

/** Something that can be pointed at. */
export interface Target extends Rectangle {
  readonly kind: 'group' | 'node';
  readonly id: string;
  /** Group it stands in. */
  readonly group: string;
  readonly isArea: boolean;
}

/** Where the pieces of a node begin in the lists of its part. */
export interface Span {
  readonly areaAt: number;
  readonly glyphAt: number;
  readonly labelAt: number;
}

/**
 * What is drawn of one open group, or of all closed ones together. As long as nothing in it comes, goes or moves it stays the same object,
 * in which the looks of single nodes change: so a thousand changes of state a second cost what they change, not what is shown.
 */
export interface ScenePart {
  /** Id of the open group; empty for the closed ones. */
  readonly id: string;
  /** Changes with everything that the part was made from, except the looks of its nodes. */
  readonly madeFrom: readonly unknown[];
  readonly bounds: Rectangle;
  readonly areas: Drawn[];
  readonly glyphs: Drawn[];
  readonly labels: Label[];
  readonly targets: readonly Target[];
  /** Place of each thing that is drawn, by id. */
  readonly places: ReadonlyMap<string, Rectangle>;
  readonly spans: ReadonlyMap<string, Span>;
  /** One link away from the selected thing, when that is in this group. */
  readonly near: ReadonlySet<string> | undefined;
}

/** Links that begin in one open group. */
export interface LinePart {
  readonly id: string;
  readonly madeFrom: readonly unknown[];
  /** Groups in which its links end. */
  readonly reached: ReadonlySet<string>;
  readonly bounds: Rectangle;
  readonly lines: readonly Line[];
  /** How many of them carry traffic. */
  readonly moving: number;
  /** What moves along them, where there is room to say it. */
  readonly labels: readonly Label[];
}

/** What is drawn, in layers from back to front: sums, areas, lines, glyphs, labels. */
export interface View {
  /** Sums of links between groups; they run below groups that are open. */
  readonly sums: readonly Line[];
  /** What the sums come to, where there is room to say it. */
  readonly sumLabels: readonly Label[];
  readonly parts: readonly ScenePart[];
  readonly lines: readonly LinePart[];
}

/** The picture, as it is from near; and from so far that what groups hold cannot be told apart: there open ones are cards too. */
export interface Scene extends View {
  readonly input: SceneInput;
  readonly far: View;
  readonly bounds: Rectangle;
}

/** Screen pixels for each of the picture below which a thing in a group would be a speck: a number says more. */
const FAR_SCALE = 0.15;

export const viewAt = (scene: Scene, scale: number): View => (scale < FAR_SCALE ? scene.far : scene);
