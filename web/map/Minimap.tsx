import { type JSX, type PointerEvent, type RefObject, useEffect, useRef } from 'react';
import type { Stage } from './interact/stage.js';
import type { Rectangle } from './layout/placeGroups.js';
import type { Scene } from './scene/scene.js';
import { css } from './render/palette.js';

const WIDTH = 160;
const HEIGHT = 100;

interface MinimapProps {
  readonly scene: Scene;
  readonly stage: Stage | undefined;
  /** Called after each movement of the camera. */
  readonly moved: RefObject<() => void>;
  readonly theme: string;
}

/** The part of the one that lies in the other: what is seen may be more than there is. */
function within(inner: Rectangle, outer: Rectangle): Rectangle {
  const [x, y] = [Math.max(inner.x, outer.x), Math.max(inner.y, outer.y)];
  const [right, bottom] = [
    Math.min(inner.x + inner.width, outer.x + outer.width),
    Math.min(inner.y + inner.height, outer.y + outer.height),
  ];
  return { x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) };
}

/** Everything at once, and which part of it is on the screen; press to go there. */
export function Minimap({ scene, stage, moved, theme }: MinimapProps): JSX.Element | null {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { bounds } = scene;
  const groups = scene.input.places;
  const scale = Math.min((WIDTH - 8) / (bounds.width || 1), (HEIGHT - 8) / (bounds.height || 1));
  const left = (WIDTH - bounds.width * scale) / 2 - bounds.x * scale;
  const top = (HEIGHT - bounds.height * scale) / 2 - bounds.y * scale;
  useEffect(() => {
    // Painted by the processor: a canvas of the graphics card waits until the large picture is done.
    const context = canvas.current?.getContext('2d', { willReadFrequently: true });
    if (!context || !stage) return;
    const ratio = Math.min(2, devicePixelRatio);
    canvas.current!.width = WIDTH * ratio;
    canvas.current!.height = HEIGHT * ratio;
    const paint = (): void => {
      const palette = stage.palette();
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, WIDTH, HEIGHT);
      context.fillStyle = css(palette.linkStrong, 0.55);
      for (const { x, y, width, height } of groups.values())
        context.fillRect(left + x * scale, top + y * scale, Math.max(1.5, width * scale), Math.max(1.5, height * scale));
      const window = within(stage.window(), {
        x: (1 - left) / scale,
        y: (1 - top) / scale,
        width: (WIDTH - 2) / scale,
        height: (HEIGHT - 2) / scale,
      });
      context.strokeStyle = css(palette.accent);
      context.lineWidth = 1.5;
      context.strokeRect(left + window.x * scale, top + window.y * scale, window.width * scale, window.height * scale);
    };
    moved.current = paint;
    paint();
    return () => {
      moved.current = () => undefined;
    };
  }, [groups, stage, moved, theme, left, top, scale]);
  const go = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.buttons === 0) return;
    const box = event.currentTarget.getBoundingClientRect();
    stage?.centreOn((event.clientX - box.left - left) / scale, (event.clientY - box.top - top) / scale);
  };
  return <canvas ref={canvas} className="minimap" aria-hidden="true" onPointerDown={go} onPointerMove={go} />;
}
