import { saveFile } from '../ui/save.js';
import type { Stage } from './interact/stage.js';
import { paintScene, signOf } from './render/canvasPainter.js';
import { writeLabels } from './render/labels.js';
import { css, type Palette } from './render/palette.js';
import { ICONS, inkOn, standsOnFill } from './scene/icons.js';
import { type Shape, SHAPES } from '../data/kinds.js';
import { arrowOf } from './scene/lines.js';
import type { Drawn, Label, Line, Scene } from './scene/scene.js';

const FILE = 'canopy-map';
/** Longest side of a saved picture, pixels. */
const MOST_PIXELS = 4_096;
const MARGIN = 32;

/** Saves the whole picture, not only what is on the screen. */
export function savePng(scene: Scene, stage: Stage): void {
  const ratio = Math.min(2, MOST_PIXELS / Math.max(scene.bounds.width + 2 * MARGIN, scene.bounds.height + 2 * MARGIN));
  const viewport = { width: scene.bounds.width + 2 * MARGIN, height: scene.bounds.height + 2 * MARGIN };
  const camera = { x: scene.bounds.x + scene.bounds.width / 2, y: scene.bounds.y + scene.bounds.height / 2, scale: 1 };
  const picture = document.createElement('canvas');
  const words = document.createElement('canvas');
  const context = picture.getContext('2d')!;
  const palette = stage.palette();
  [picture.width, picture.height] = [viewport.width * ratio, viewport.height * ratio];
  context.fillStyle = css(palette.canvas);
  context.fillRect(0, 0, picture.width, picture.height);
  paintScene(context, scene, palette, camera, viewport, ratio);
  writeLabels(words.getContext('2d')!, scene, palette, camera, viewport, ratio).step(Infinity);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.drawImage(words, 0, 0);
  picture.toBlob((blob) => blob && saveFile(`${FILE}.png`, blob));
}

export function saveSvg(scene: Scene, palette: Palette): void {
  saveFile(`${FILE}.svg`, new Blob([toSvg(scene, palette)], { type: 'image/svg+xml' }));
}

/** The picture as SVG text. Pure. */
export function toSvg({ bounds, sums, sumLabels, parts, lines }: Scene, palette: Palette): string {
  const view = [bounds.x - MARGIN, bounds.y - MARGIN, bounds.width + 2 * MARGIN, bounds.height + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view.join(' ')}" font-family="system-ui, sans-serif">`,
    `<rect x="${view[0]}" y="${view[1]}" width="${view[2]}" height="${view[3]}" fill="${css(palette.canvas)}"/>`,
    ...sums.map((line) => curve(line, palette)),
    ...sumLabels.map((label) => words(label, palette)),
    ...parts.flatMap(({ areas }) => areas.map((area) => shape(area, palette))),
    ...lines.flatMap((part) => part.lines.map((line) => curve(line, palette))),
    ...parts.flatMap(({ glyphs }) => glyphs.map((glyph) => shape(glyph, palette))),
    ...[...parts, ...lines].flatMap(({ labels }) =>
      labels.filter(({ leastScale = 0 }) => leastScale <= 1).map((label) => words(label, palette)),
    ),
    '</svg>',
  ].join('\n');
}

const INSIDE = { solid: 1, hollowBar: 0, dotted: 0.14, half: 0.5, none: 0.08, bare: 0, barred: 1 } as const;
const NAMES = Object.keys(SHAPES) as Shape[];

const shape = (drawn: Drawn, palette: Palette): string => outline(drawn, palette) + sign(drawn, palette);

function sign(drawn: Drawn, palette: Palette): string {
  if (drawn.icon === undefined || drawn.pattern === 'hollowBar' || drawn.pattern === 'barred') return '';
  const { x, y, size } = signOf(drawn);
  const ink = css(standsOnFill(drawn.pattern) ? inkOn(palette[drawn.fill]) : palette[drawn.edge]);
  return `<path d="${ICONS[drawn.icon]}" transform="translate(${x} ${y}) scale(${size / 16})" fill="none" stroke="${ink}" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" opacity="${drawn.opacity}"/>`;
}

function outline(drawn: Drawn, palette: Palette): string {
  const { x, y, width, height, fill, edge, edgeWidth, pattern, opacity, radius } = drawn;
  const style = `fill="${css(palette[fill])}" fill-opacity="${INSIDE[pattern]}" stroke="${css(palette[edge])}" stroke-width="${edgeWidth}" opacity="${opacity}"${pattern === 'dotted' ? ' stroke-dasharray="2 2"' : ''}`;
  const [cx, cy, r] = [x + width / 2, y + height / 2, width / 2];
  const points = (...pairs: readonly (readonly [number, number])[]): string =>
    `<polygon points="${pairs.map(([px, py]) => `${cx + px * r},${cy + py * r}`).join(' ')}" ${style}/>`;
  const bar =
    pattern === 'hollowBar' || pattern === 'barred'
      ? `<rect x="${x + 2}" y="${cy - 1}" width="${width - 4}" height="2" fill="${css(palette[edge])}" opacity="${opacity}"/>`
      : '';
  switch (NAMES[drawn.shape]) {
    case 'circle':
      return `<circle cx="${cx}" cy="${cy}" r="${r}" ${style}/>${bar}`;
    case 'diamond':
      return points([0, -1], [1, 0], [0, 1], [-1, 0]) + bar;
    case 'hexagon':
      return points([-0.55, -0.95], [0.55, -0.95], [1.1, 0], [0.55, 0.95], [-0.55, 0.95], [-1.1, 0]) + bar;
    case 'triangle':
      return points([0, -1], [1, 0.8], [-1, 0.8]) + bar;
    default:
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" ${style}/>${bar}`;
  }
}

function curve(line: Line, palette: Palette): string {
  const { x0, y0, cx, cy, x1, y1, width, role, opacity, style } = line;
  const arrow = arrowOf(line);
  const head = arrow
    ? `<polygon points="${arrow.map(({ x, y }) => `${x},${y}`).join(' ')}" fill="${css(palette[role])}" opacity="${opacity}"/>`
    : '';
  return `<path d="M${x0} ${y0}Q${cx} ${cy} ${x1} ${y1}" fill="none" stroke="${css(palette[role])}" stroke-width="${width}" opacity="${opacity}"${style === 'dashed' ? ' stroke-dasharray="5 5"' : ''}/>${head}`;
}

const ANCHORS = { left: 'start', center: 'middle', right: 'end' } as const;
/** Width of a letter as a share of its size: enough to cut what cannot fit. */
const LETTER = 0.58;

function words({ text, x, y, size, role, isStrong, align, opacity, maxWidth, halo, indent = 0 }: Label, palette: Palette): string {
  const most = Math.floor((maxWidth - indent) / (size * LETTER));
  const fitting = text.length > most ? `${text.slice(0, Math.max(0, most - 1))}…` : text;
  const ground = halo ? ` stroke="${css(palette[halo])}" stroke-width="4" paint-order="stroke"` : '';
  return `<text x="${x + indent}" y="${y}" font-size="${size}" font-weight="${isStrong ? 600 : 400}" text-anchor="${ANCHORS[align]}" dominant-baseline="central" fill="${css(palette[role])}" opacity="${opacity}"${ground}>${escaped(fitting)}</text>`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
