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

/**
 * Writes the labels that can be read over the painted picture, none over another: titles first. Fainter while what they belong to is on its
 * way.
 */
export function paintLabels(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  camera: Camera,
  viewport: Viewport,
  pixelRatio: number,
  opacity = 1,
): void {
  makeRoom(context.canvas, viewport, pixelRatio);
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, viewport.width, viewport.height);
  context.textBaseline = 'middle';
  context.globalAlpha = opacity;
  const window = seen(camera, viewport);
  let font = '';
  const inSight = [...labelsIn(viewAt(scene, camera.scale), window)].filter(
    (label) => camera.scale >= (label.leastScale ?? 0) && sizeOf(label, camera.scale) >= LEAST_PIXELS && overlaps(window, extentOf(label)),
  );
  const hasHalos = inSight.length <= MOST_HALOS;
  const isFree = freeRoom();
  for (const label of [...inSight.filter(({ isTitle }) => isTitle), ...inSight.filter(({ isTitle }) => !isTitle)]) {
    const pixels = sizeOf(label, camera.scale);
    const weight = label.isStrong ? 600 : 400;
    const indent = label.indent && label.indent * camera.scale >= LEAST_INDENT ? label.indent : 0;
    const room = (label.maxWidth - indent) * camera.scale;
    if (room < pixels * 1.5) continue;
    const { text, width } = fitted(context, label.text, weight, pixels, room);
    if (text.length < LEAST_LETTERS && text !== label.text) continue;
    const next = fontOf(weight, pixels);
    if (next !== font) context.font = font = next;
    context.fillStyle = css(palette[label.role], label.opacity);
    context.textAlign = label.align;
    const x = (label.x + indent - window.x) * camera.scale;
    const middle = (label.y - window.y) * camera.scale;
    const y = label.top === undefined ? middle : Math.max(middle, (label.top - window.y) * camera.scale + pixels * 0.8);
    const left = label.align === 'left' ? x : label.align === 'right' ? x - width : x - width / 2;
    if (!isFree({ x: left, y: y - (pixels * LETTER_HEIGHT) / 2, width, height: pixels * LETTER_HEIGHT })) continue;
    if (label.halo && (hasHalos || label.align === 'center')) {
      context.strokeStyle = css(palette[label.halo]);
      context.lineWidth = 4;
      context.strokeText(text, x, y);
    }
    context.fillText(text, x, y);
  }
}

function* labelsIn({ parts, lines, sumLabels }: View, window: Rectangle): Iterable<Label> {
  yield* sumLabels;
  for (const { bounds, labels } of parts) if (overlaps(window, bounds)) yield* labels;
  for (const { bounds, labels } of lines) if (overlaps(window, bounds)) yield* labels;
}

function sizeOf({ size, isTitle }: Label, scale: number): number {
  const pixels = Math.round(Math.min(MOST_PIXELS, size * scale) * 2) / 2;
  return isTitle ? Math.max(TITLE_PIXELS, pixels) : pixels;
}

function extentOf({ x, y, align, maxWidth, size }: Label): {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
} {
  const left = align === 'left' ? x : align === 'right' ? x - maxWidth : x - maxWidth / 2;
  return { x: left, y: y - size, width: maxWidth, height: 2 * size };
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
