import { contains, overlaps, type Rectangle } from '../layout/placeGroups.js';

/** What part of the picture is seen: the point in the middle of the screen, and screen pixels for each of the picture. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Viewport {
  readonly width: number;
  readonly height: number;
  /** What covers the lower right corner, with the space around it. */
  readonly corner?: Size | undefined;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const MIN_SCALE = 0.02;
export const MAX_SCALE = 4;
/** Free space around what is fitted into the screen, and below it for the tools, in CSS pixels. */
const MARGIN = 32;
/** On a narrow screen that space is a share of it. */
const MARGIN_SHARE = 0.04;
const TOOLS = 40;
/** A small picture is not blown up to fill the screen. */
const MOST_FIT = 1.25;

/** Space around what covers the corner. */
const AROUND_CORNER = 24;

/** The corner that something of this size covers; `undefined` where so much of the screen is covered that nothing could keep out of it. */
export const cornerOf = (width: number, height: number, screenWidth: number): Size | undefined =>
  width === 0 || width > screenWidth / 2 ? undefined : { width: width + AROUND_CORNER, height: height + AROUND_CORNER };

/** Brings a place as large as possible onto the screen, and not below what covers the corner. */
export function fitTo(place: Rectangle, viewport: Viewport): Camera {
  const { width, height, corner } = viewport;
  const whole = fitInto(place, viewport, TOOLS);
  if (corner === undefined || !isCovered(place, whole, viewport)) return whole;
  const beside = fitInto(place, { width: width - corner.width, height }, TOOLS);
  const above = fitInto(place, { width, height: height - corner.height }, 0);
  return beside.scale >= above.scale
    ? { ...beside, x: beside.x + corner.width / 2 / beside.scale }
    : { ...above, y: above.y + corner.height / 2 / above.scale };
}

/** Whether a place lies below what covers the corner. */
function isCovered(place: Rectangle, camera: Camera, viewport: Viewport): boolean {
  const { width, height, corner } = viewport;
  const { x, y } = seen(camera, viewport);
  return (
    corner !== undefined &&
    (place.x + place.width - x) * camera.scale > width - corner.width &&
    (place.y + place.height - y) * camera.scale > height - corner.height
  );
}

/** What was fitted when the screen gets another size: it is only pushed aside where there is room for it as it is, and none to grow. */
export function refitted(place: Rectangle, camera: Camera, before: Viewport, after: Viewport): Camera {
  const fitted = fitTo(place, after);
  const pushed = resized(camera, before, after, place);
  return fitted.scale <= camera.scale && contains(seen(pushed, after), place) && !isCovered(place, pushed, after) ? pushed : fitted;
}

function fitInto({ x, y, width, height }: Rectangle, free: Size, tools: number): Camera {
  const margin = Math.min(MARGIN, free.width * MARGIN_SHARE);
  const scale = Math.min((free.width - 2 * margin) / (width || 1), (free.height - 2 * margin - tools) / (height || 1), MOST_FIT);
  const fitting = Math.max(MIN_SCALE, scale);
  return { x: x + width / 2, y: y + height / 2 + tools / 2 / fitting, scale: fitting };
}

/** Zooms so that what is under the pointer stays there. */
export function zoomAt(camera: Camera, viewport: Viewport, factor: number, px: number, py: number): Camera {
  const scale = Math.min(MAX_SCALE, Math.max(MIN_SCALE, camera.scale * factor));
  const at = toPicture(camera, viewport, px, py);
  return { scale, x: at.x - (px - viewport.width / 2) / scale, y: at.y - (py - viewport.height / 2) / scale };
}

export const toPicture = (
  camera: Camera,
  { width, height }: Viewport,
  px: number,
  py: number,
): { readonly x: number; readonly y: number } => ({
  x: camera.x + (px - width / 2) / camera.scale,
  y: camera.y + (py - height / 2) / camera.scale,
});

/** The part of the picture that is on the screen. */
export function seen(camera: Camera, { width, height }: Viewport): Rectangle {
  const [w, h] = [width / camera.scale, height / camera.scale];
  return { x: camera.x - w / 2, y: camera.y - h / 2, width: w, height: h };
}

/**
 * The camera when the screen has another size: what is seen stays where it is, from the upper left corner. A place that was in sight, and would
 * not be, is brought back with no more movement than needed.
 */
export function resized(camera: Camera, before: Viewport, after: Viewport, kept: Rectangle | undefined): Camera {
  const anchored = {
    ...camera,
    x: camera.x + (after.width - before.width) / 2 / camera.scale,
    y: camera.y + (after.height - before.height) / 2 / camera.scale,
  };
  if (kept === undefined || !overlaps(seen(camera, before), kept)) return anchored;
  const now = seen(anchored, after);
  const beyond = Math.max(0, kept.x + kept.width - now.x - now.width);
  const below = Math.max(0, kept.y + kept.height - now.y - now.height);
  return { ...anchored, x: anchored.x + beyond, y: anchored.y + below };
}
