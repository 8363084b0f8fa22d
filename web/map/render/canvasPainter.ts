import { overlaps } from '../layout/placeGroups.js';
import { ICONS, inkOn, roomOf, standsOnFill } from '../scene/icons.js';
import { type Family, type Shape, SHAPES } from '../../data/kinds.js';
import { arrowOf } from '../scene/lines.js';
import { type Drawn, type Line, type Scene, viewAt } from '../scene/scene.js';
import { type Camera, seen, type Viewport } from './camera.js';
import type { Painter } from './glPainter.js';
import { css, type Palette } from './palette.js';
import { makeRoom } from './sheet.js';

/** Draws the same without a graphics card: slower with many things, and what pictures for files are made with. */
export function openCanvasPainter(canvas: HTMLCanvasElement): Painter {
  const context = canvas.getContext('2d')!;
  let scene: Scene | undefined;
  let palette: Palette | undefined;
  return {
    load: (nextScene, nextPalette) => void ([scene, palette] = [nextScene, nextPalette]),
    // It draws from the scene itself.
    redraw: () => undefined,
    paint(camera, viewport, pixelRatio) {
      const { width, height } = makeRoom(canvas, viewport, pixelRatio);
      if (!scene || !palette) return true;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = css(palette.canvas);
      context.fillRect(0, 0, width, height);
      paintScene(context, scene, palette, camera, viewport, pixelRatio);
      return true;
    },
    isSoftware: true,
    close: () => undefined,
  };
}

/** Draws areas, links and glyphs onto any two-dimensional context. */
export function paintScene(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  camera: Camera,
  viewport: Viewport,
  pixelRatio: number,
): void {
  const window = seen(camera, viewport);
  const scale = camera.scale * pixelRatio;
  context.setTransform(scale, 0, 0, scale, -window.x * scale, -window.y * scale);
  const { sums, parts, lines: lists } = viewAt(scene, camera.scale);
  const inSight = parts.filter(({ bounds }) => overlaps(window, bounds));
  for (const line of sums) paintLine(context, line, palette, camera.scale);
  context.setLineDash([]);
  for (const { areas } of inSight) for (const area of areas) if (overlaps(window, area)) paintShape(context, area, palette, camera.scale);
  for (const { bounds, lines } of lists)
    if (overlaps(window, bounds)) for (const line of lines) paintLine(context, line, palette, camera.scale);
  context.setLineDash([]);
  for (const { glyphs } of inSight)
    for (const glyph of glyphs) if (overlaps(window, glyph)) paintShape(context, glyph, palette, camera.scale);
  context.globalAlpha = 1;
}

function paintLine(context: CanvasRenderingContext2D, line: Line, palette: Palette, scale: number): void {
  // Many faint links together hide from afar what they connect.
  context.globalAlpha = line.opacity < 0.5 ? line.opacity * Math.min(1, Math.max(0.25, scale / 0.6)) : line.opacity;
  context.strokeStyle = css(palette[line.role]);
  context.lineWidth = Math.max(0.8 / scale, line.width);
  context.setLineDash(line.style === 'dashed' ? [5, 5] : []);
  context.beginPath();
  context.moveTo(line.x0, line.y0);
  context.quadraticCurveTo(line.cx, line.cy, line.x1, line.y1);
  if (line.style === 'double') {
    context.lineWidth *= 2.6;
    context.stroke();
    context.lineWidth *= 0.4;
    context.strokeStyle = css(palette.canvas);
  }
  context.stroke();
  const arrow = arrowOf(line);
  if (arrow === undefined) return;
  context.fillStyle = css(palette[line.role]);
  context.beginPath();
  arrow.forEach(({ x, y }, index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.fill();
}

function paintShape(context: CanvasRenderingContext2D, shape: Drawn, palette: Palette, scale: number): void {
  const { fill, edge, edgeWidth, pattern, opacity } = shape;
  const path = outlineOf(shape);
  const inside = { solid: 1, hollowBar: 0, dotted: 0.14, half: 0.5, none: 0.08, bare: 0, barred: 1 }[pattern];
  context.globalAlpha = opacity * inside;
  context.fillStyle = css(palette[fill]);
  if (inside > 0) context.fill(path);
  context.globalAlpha = opacity;
  if (edgeWidth > 0) {
    context.strokeStyle = css(palette[edge]);
    context.lineWidth = shape.width > 40 ? edgeWidth / scale : edgeWidth;
    context.setLineDash(pattern === 'dotted' ? [2, 2] : []);
    context.stroke(path);
  }
  if (pattern === 'hollowBar' || pattern === 'barred') {
    context.fillStyle = css(palette[edge]);
    context.fillRect(shape.x + 2, shape.y + shape.height / 2 - 1, shape.width - 4, 2);
  } else if (shape.icon && shape.width * scale > LEAST_SIGN) paintSign(context, shape, shape.icon, palette);
}

/** A sign on a shape of fewer pixels cannot be told from another. */
const LEAST_SIGN = 10;

function paintSign(context: CanvasRenderingContext2D, shape: Drawn, icon: Family, palette: Palette): void {
  const { size, x, y } = signOf(shape);
  context.save();
  context.globalAlpha = shape.opacity;
  context.translate(x, y);
  context.scale(size / 16, size / 16);
  context.strokeStyle = css(standsOnFill(shape.pattern) ? inkOn(palette[shape.fill]) : palette[shape.edge]);
  context.lineWidth = 1.5;
  context.lineCap = context.lineJoin = 'round';
  context.setLineDash([]);
  context.stroke(new Path2D(ICONS[icon]));
  context.restore();
}

/** Where the sign of a shape stands, and how large it is. */
export function signOf({ x, y, width, height, shape }: Drawn): { readonly x: number; readonly y: number; readonly size: number } {
  const [share, down] = roomOf(shape);
  const size = width * share;
  return { size, x: x + (width - size) / 2, y: y + (height - size) / 2 + down * width };
}

const SHAPE_NAMES = Object.keys(SHAPES) as Shape[];

/** Points of the outlines that are not rounded boxes, on a square from -1 to 1. */
const OUTLINES: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  diamond: [
    [0, -1],
    [1, 0],
    [0, 1],
    [-1, 0],
  ],
  hexagon: [
    [-0.55, -0.95],
    [0.55, -0.95],
    [1.1, 0],
    [0.55, 0.95],
    [-0.55, 0.95],
    [-1.1, 0],
  ],
  triangle: [
    [0, -1],
    [1, 0.8],
    [-1, 0.8],
  ],
};

/** The outline of a shape as a path in the picture. */
function outlineOf({ x, y, width, height, shape, radius }: Drawn): Path2D {
  const path = new Path2D();
  const name = SHAPE_NAMES[shape]!;
  const points = OUTLINES[name];
  if (name === 'circle') path.arc(x + width / 2, y + height / 2, width / 2, 0, Math.PI * 2);
  else if (points === undefined) path.roundRect(x, y, width, height, Math.min(radius, width / 2, height / 2));
  else {
    points.forEach(([px, py], index) => path[index === 0 ? 'moveTo' : 'lineTo'](x + ((px + 1) / 2) * width, y + ((py + 1) / 2) * height));
    path.closePath();
  }
  return path;
}
