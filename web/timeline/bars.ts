import type { Bucket } from '../data/changesOf.js';

const HEIGHT = 44;
const COLOURS = { updated: '--changed', added: '--added', removed: '--removed' } as const;
/** Share that was watched below which time is hatched. */
const WATCHED = 0.999;

/** Whether somebody did not watch in it. */
export const isUnwatched = ({ watched }: Bucket): boolean => watched < WATCHED;

/** Draws a bar for each step: what was added, removed and changed on top of each other, and hatching where not all was watched. */
export function paintBars(canvas: HTMLCanvasElement, width: number, buckets: readonly Bucket[], from: number, to: number): void {
  const ratio = Math.min(2, devicePixelRatio);
  canvas.width = Math.round(width * ratio);
  canvas.height = HEIGHT * ratio;
  // Painted by the processor: a canvas of the graphics card waits until the map is drawn.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(canvas);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  // A quiet minute and a storm of thousands have to be seen side by side.
  const most = Math.log1p(Math.max(1, ...buckets.map(({ added, removed, updated }) => added + removed + updated)));
  const step = buckets.length > 1 ? Date.parse(buckets[1]!.start) - Date.parse(buckets[0]!.start) : to - from;
  const bar = (width * step) / (to - from);
  for (const bucket of buckets) {
    const x = ((Date.parse(bucket.start) - from) / (to - from)) * width;
    if (isUnwatched(bucket)) hatch(context, x, bar, colour('--line-strong'), 1 - bucket.watched);
    const sum = bucket.added + bucket.removed + bucket.updated;
    if (sum === 0) continue;
    const height = Math.max(3, (Math.log1p(sum) / most) * (HEIGHT - 16));
    let y = HEIGHT - 2;
    for (const [kind, name] of Object.entries(COLOURS)) {
      const part = (height * bucket[kind as keyof typeof COLOURS]) / sum;
      context.fillStyle = colour(name);
      context.fillRect(x + 0.5, y - part, Math.max(1, bar - 1), part);
      y -= part;
    }
  }
  context.fillStyle = colour('--line');
  context.fillRect(0, HEIGHT - 2, width, 1);
}

function hatch(context: CanvasRenderingContext2D, x: number, width: number, colour: string, share: number): void {
  context.save();
  context.beginPath();
  context.rect(x, 0, width, HEIGHT - 2);
  context.clip();
  context.globalAlpha = 0.15 + 0.35 * share;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let start = x - HEIGHT - (x % 6); start < x + width; start += 6) {
    context.moveTo(start, HEIGHT);
    context.lineTo(start + HEIGHT, 0);
  }
  context.stroke();
  context.restore();
}
