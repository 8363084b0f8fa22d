import { overlaps, type Rectangle } from '../layout/placeGroups.js';
import { type Label, type Scene, type View, viewAt } from '../scene/scene.js';
import { type Camera, seen, type Viewport } from './camera.js';
import { css, type Palette } from './palette.js';
import { makeRoom } from './sheet.js';

/** Letters smaller than this are not drawn: nobody could read them. */
const LEAST_PIXELS = 6.5;
/** Titles stay at this size when their place gets smaller, as long as they fit. */
const TITLE_PIXELS = 11;
/** Letters do not grow beyond this: closer means more room, not larger words. */
const MOST_PIXELS = 18;
/** Words up to which each is set off from the lines below it: that is twice the work. */
const MOST_HALOS = 250;
/** A sign of fewer pixels than that is not drawn. */
const LEAST_INDENT = 9;
/** A name of which less than this is left says nothing. */
const LEAST_LETTERS = 5;
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Height of the letters themselves, as a share of their size. */
const LETTER_HEIGHT = 0.75;
/** Rows of the screen in which words are looked for that stand there already. */
const ROW_PIXELS = 24;

/** Size at which letters are measured, once each: asking for the width of every text at every step of a zoom took most of a frame. */
const MEASURED_PIXELS = 16;
const ELLIPSIS = '…';
/** No text on the picture is longer. */
const MOST_LETTERS = 200;

type Weight = 400 | 600;
const widths: Readonly<Record<Weight, Map<string, number>>> = { 400: new Map(), 600: new Map() };
/** Widths of texts that fitted as they are; so many are remembered. */
const wholes: typeof widths = { 400: new Map(), 600: new Map() };
const MOST_WHOLES = 20_000;

/** Writes the labels of what is seen, step by step. */
export interface Writing {
  /** Goes on until this time, in milliseconds of the page's own clock; `true` when all is written. */
  step(until: number): boolean;
}

/** Labels that are written between two looks at the clock. */
const LABELS_A_LOOK = 8;

/** Writes the labels that can be read over the painted picture, none over another: titles first. */
export function writeLabels(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  camera: Camera,
  viewport: Viewport,
  pixelRatio: number,
): Writing {
  makeRoom(context.canvas, viewport, pixelRatio);
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, viewport.width, viewport.height);
  context.textBaseline = 'middle';
  const window = seen(camera, viewport);
  const inSight = labelsInSight(viewAt(scene, camera.scale), window, camera.scale);
  const hasHalos = inSight.length <= MOST_HALOS;
  const isFree = freeRoom();
  let font = '';
  let role: Label['role'] | undefined;
  let opacity = -1;
  const write = (label: Label): void => {
    const pixels = sizeOf(label, camera.scale);
    const weight = label.isStrong ? 600 : 400;
    const indent = label.indent && label.indent * camera.scale >= LEAST_INDENT ? label.indent : 0;
    const room = (label.maxWidth - indent) * camera.scale;
    if (room < pixels * 1.5) return;
    const { text, width } = fitted(context, label.text, weight, pixels, room);
    if (text.length < LEAST_LETTERS && text !== label.text) return;
    const x = (label.x + indent - window.x) * camera.scale;
    const middle = (label.y - window.y) * camera.scale;
    const y = label.top === undefined ? middle : Math.max(middle, (label.top - window.y) * camera.scale + pixels * 0.8);
    const left = label.align === 'left' ? x : label.align === 'right' ? x - width : x - width / 2;
    if (!isFree({ x: left, y: y - (pixels * LETTER_HEIGHT) / 2, width, height: pixels * LETTER_HEIGHT })) return;
    const next = fontOf(weight, pixels);
    if (next !== font) context.font = font = next;
    if (label.role !== role || label.opacity !== opacity) {
      [role, opacity] = [label.role, label.opacity];
      context.fillStyle = css(palette[role], opacity);
    }
    context.textAlign = label.align;
    if (label.halo && (hasHalos || label.align === 'center')) {
      context.strokeStyle = css(palette[label.halo]);
      context.lineWidth = 4;
      context.strokeText(text, x, y);
    }
    context.fillText(text, x, y);
  };
  let at = 0;
  return {
    step(until) {
      while (at < inSight.length) {
        write(inSight[at++]!);
        if (at % LABELS_A_LOOK === 0 && performance.now() >= until) break;
      }
      return at === inSight.length;
    },
  };
}

/** Those that can be read, titles first. */
function labelsInSight({ parts, lines, sumLabels }: View, window: Rectangle, scale: number): readonly Label[] {
  const inSight: Label[] = [];
  const rows = parts.filter(({ bounds }) => overlaps(window, bounds)).map(({ labels }) => [labels, rowsOf(labels)] as const);
  const look = (label: Label): void => {
    if (scale >= (label.leastScale ?? 0) && sizeOf(label, scale) >= LEAST_PIXELS && isIn(label, window)) inSight.push(label);
  };
  for (const [labels, { titles }] of rows) lookInRows(titles, labels, window, scale, look);
  sumLabels.forEach(look);
  for (const [labels, { others }] of rows) lookInRows(others, labels, window, scale, look);
  for (const { bounds, labels } of lines) if (overlaps(window, bounds)) labels.forEach(look);
  return inSight;
}

/** Pixels of the picture in a row of labels: those of a group are looked through only as far as they are in sight. */
const ROW_HEIGHT = 256;

/** Where in a list labels are, by the row that they stand in; a label that looks different stays in its place. */
interface Rows {
  readonly byRow: ReadonlyMap<number, readonly number[]>;
  /** The largest letters, by their size in the picture. */
  readonly largest: number;
}

const known = new WeakMap<readonly Label[], { readonly titles: Rows; readonly others: Rows }>();

function rowsOf(labels: readonly Label[]): { readonly titles: Rows; readonly others: Rows } {
  let rows = known.get(labels);
  if (rows === undefined)
    known.set(labels, (rows = { titles: inRows(labels, ({ isTitle }) => isTitle), others: inRows(labels, ({ isTitle }) => !isTitle) }));
  return rows;
}

function inRows(labels: readonly Label[], isMeant: (label: Label) => boolean): Rows {
  const byRow = new Map<number, number[]>();
  let largest = 0;
  labels.forEach((label, index) => {
    if (!isMeant(label)) return;
    largest = Math.max(largest, label.size);
    const row = Math.floor(label.y / ROW_HEIGHT);
    const list = byRow.get(row);
    if (list) list.push(index);
    else byRow.set(row, [index]);
  });
  return { byRow, largest };
}

function lookInRows(
  { byRow, largest }: Rows,
  labels: readonly Label[],
  { y, height }: Rectangle,
  scale: number,
  look: (label: Label) => void,
) {
  const first = labels[byRow.values().next().value?.[0] ?? 0];
  // Nothing of it could be read.
  if (first === undefined || sizeOf({ size: largest, isTitle: first.isTitle }, scale) < LEAST_PIXELS) return;
  const last = Math.floor((y + height + largest) / ROW_HEIGHT);
  for (let row = Math.floor((y - largest) / ROW_HEIGHT); row <= last; row++) for (const index of byRow.get(row) ?? []) look(labels[index]!);
}

function sizeOf({ size, isTitle }: Pick<Label, 'size' | 'isTitle'>, scale: number): number {
  const pixels = Math.round(Math.min(MOST_PIXELS, size * scale) * 2) / 2;
  return isTitle ? Math.max(TITLE_PIXELS, pixels) : pixels;
}

function isIn({ x, y, align, maxWidth, size }: Label, window: Rectangle): boolean {
  const left = align === 'left' ? x : align === 'right' ? x - maxWidth : x - maxWidth / 2;
  return left < window.x + window.width && left + maxWidth > window.x && y - size < window.y + window.height && y + size > window.y;
}

const fontOf = (weight: Weight, pixels: number): string => `${weight} ${pixels}px ${FONT}`;

/** The text, or as much of it as fits, with an ellipsis; and its width, to which kerning would take away a little. */
function fitted(
  context: CanvasRenderingContext2D,
  text: string,
  weight: Weight,
  pixels: number,
  room: number,
): { readonly text: string; readonly width: number } {
  const scale = pixels / MEASURED_PIXELS;
  const available = room / scale;
  const whole = wholes[weight].get(text);
  if (whole !== undefined && whole <= available) return { text, width: whole * scale };
  const ellipsis = widthOf(context, ELLIPSIS, weight);
  let [width, length] = [0, 0];
  let [cutWidth, cutLength] = [0, 0];
  for (const letter of text) {
    if (width + ellipsis <= available) [cutWidth, cutLength] = [width + ellipsis, length];
    width += widthOf(context, letter, weight);
    if (width > available || length + letter.length > MOST_LETTERS)
      return cutLength === 0 ? { text: '', width: 0 } : { text: text.slice(0, cutLength) + ELLIPSIS, width: cutWidth * scale };
    length += letter.length;
  }
  if (wholes[weight].size >= MOST_WHOLES) wholes[weight].clear();
  wholes[weight].set(text, width);
  return { text, width: width * scale };
}

/** Width of a letter at `MEASURED_PIXELS`. */
function widthOf(context: CanvasRenderingContext2D, letter: string, weight: Weight): number {
  let width = widths[weight].get(letter);
  if (width === undefined) {
    const { font } = context;
    context.font = fontOf(weight, MEASURED_PIXELS);
    ({ width } = context.measureText(letter));
    context.font = font;
    widths[weight].set(letter, width);
  }
  return width;
}

/** Says of a box on the screen whether nothing stands there yet, and keeps it then. */
function freeRoom(): (box: Rectangle) => boolean {
  const rows = new Map<number, Rectangle[]>();
  return (box) => {
    const [first, last] = [Math.floor(box.y / ROW_PIXELS), Math.floor((box.y + box.height) / ROW_PIXELS)];
    for (let row = first; row <= last; row++) if (rows.get(row)?.some((other) => overlaps(box, other))) return false;
    for (let row = first; row <= last; row++) {
      const list = rows.get(row);
      if (list) list.push(box);
      else rows.set(row, [box]);
    }
    return true;
  };
}
