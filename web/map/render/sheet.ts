import type { Viewport } from './camera.js';

/**
 * Gives a canvas room for what is seen, from its upper left corner on. It only grows: another size is another surface, for which the page
 * would wait until the graphics card has done everything else, each time that the details open beside the picture. What is too much is cut
 * off by the element that it stands in. Returns what of it is used, in its own pixels.
 */
export function makeRoom(
  canvas: HTMLCanvasElement,
  viewport: Viewport,
  pixelRatio: number,
): { readonly width: number; readonly height: number } {
  const [width, height] = [Math.round(viewport.width * pixelRatio), Math.round(viewport.height * pixelRatio)];
  const isSameScreen = canvas.dataset.ratio === String(pixelRatio);
  if (!isSameScreen || canvas.width < width || canvas.height < height) {
    canvas.dataset.ratio = String(pixelRatio);
    [canvas.width, canvas.height] = isSameScreen ? [Math.max(canvas.width, width), Math.max(canvas.height, height)] : [width, height];
    canvas.style.width = `${canvas.width / pixelRatio}px`;
    canvas.style.height = `${canvas.height / pixelRatio}px`;
  }
  return { width, height };
}

/** A canvas over the whole element, of which nobody who only hears the page is told. */
export function layer(element: HTMLElement): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.className = 'stage-layer';
  canvas.setAttribute('aria-hidden', 'true');
  element.append(canvas);
  return canvas;
}
