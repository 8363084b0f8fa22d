import type { Scene } from '../scene/scene.js';
import type { Camera, Viewport } from './camera.js';
import { type Writing, writeLabels } from './labels.js';
import type { Palette } from './palette.js';
import { layer } from './sheet.js';

/** The words over the picture. */
export interface Words {
  /**
   * Writes on, for no longer than a frame has room that is also painted, or is not; says whether something is left to be written. Until the next
   * words are complete, the last ones go where what they name goes.
   */
  write(scene: Scene, palette: Palette, camera: Camera, viewport: Viewport, pixelRatio: number, isPainted: boolean): boolean;
  /** Whether what is seen was written for this sight; things in it may have changed since. */
  areOf(camera: Camera, viewport: Viewport): boolean;
  /** Says that what is written is not right any more; where what it names stands elsewhere, nothing is seen of it until it is written anew. */
  stale(isElsewhere?: boolean): void;
  /** How much of them is seen, 0 to 1: fainter while what they belong to is on its way. */
  fade(opacity: number): void;
  close(): void;
}

/** Milliseconds of a frame that go into words: beside the painted picture, and alone. */
const BUDGET_MS = { painted: 2.5, alone: 8 };

interface Sheet {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
}

/** What words are, or were, written for. */
interface Sight {
  readonly camera: Camera;
  readonly viewport: Viewport;
}

/**
 * Two sheets: one is seen while the other is written, a little in each frame, so that no movement of the camera waits for words, however many
 * there are. `changed` is called when other words are seen. Without a card, a canvas of its own kind would wait for the picture that the
 * processor paints.
 */
export function openWords(element: HTMLElement, isSoftware: boolean, changed: () => void): Words {
  const open = (): Sheet => {
    const canvas = layer(element);
    Object.assign(canvas.style, { transformOrigin: '0 0', willChange: 'transform', visibility: 'hidden' });
    return { canvas, context: canvas.getContext('2d', { willReadFrequently: isSoftware })! };
  };
  let [seen, other] = [open(), open()];
  let shown: Sight | undefined;
  let begun: (Sight & { readonly writing: Writing }) | undefined;
  let isStale = true;
  let aligned: Sight | undefined;

  /** Moves the words that are seen as what they name has moved since they were written. */
  const align = (camera: Camera, viewport: Viewport): void => {
    if (shown === undefined || (aligned?.camera === camera && aligned.viewport === viewport)) return;
    aligned = { camera, viewport };
    const grown = camera.scale / shown.camera.scale;
    const x = (shown.camera.x - camera.x) * camera.scale + (viewport.width - grown * shown.viewport.width) / 2;
    const y = (shown.camera.y - camera.y) * camera.scale + (viewport.height - grown * shown.viewport.height) / 2;
    const isInPlace = grown === 1 && x === 0 && y === 0;
    seen.canvas.style.transform = isInPlace ? '' : `translate(${x}px, ${y}px) scale(${grown})`;
  };

  return {
    write(scene, palette, camera, viewport, pixelRatio, isPainted) {
      const until = performance.now() + BUDGET_MS[isPainted ? 'painted' : 'alone'];
      if (!begun && !isStale && shown?.camera === camera && shown.viewport === viewport) return false;
      // What was begun is finished, also when the camera goes on: else nothing would ever be complete.
      if (!begun) {
        begun = { camera, viewport, writing: writeLabels(other.context, scene, palette, camera, viewport, pixelRatio) };
        isStale = false;
      }
      if (begun.writing.step(until)) {
        [seen, other] = [other, seen];
        shown = begun;
        begun = aligned = undefined;
        seen.canvas.style.visibility = '';
        other.canvas.style.visibility = 'hidden';
        changed();
      }
      align(camera, viewport);
      return isStale || begun !== undefined || shown?.camera !== camera || shown.viewport !== viewport;
    },
    areOf: (camera, viewport) => shown?.camera === camera && shown.viewport === viewport,
    stale(isElsewhere = false) {
      isStale = true;
      if (!isElsewhere) return;
      shown = undefined;
      seen.canvas.style.visibility = 'hidden';
    },
    fade(opacity) {
      for (const { canvas } of [seen, other]) canvas.style.opacity = opacity === 1 ? '' : String(opacity);
    },
    close() {
      for (const { canvas } of [seen, other]) canvas.remove();
    },
  };
}
