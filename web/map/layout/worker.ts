import { layoutGroup, type Item, type Memory } from './groupLayout.js';

/** What the page asks: lay a group out, or forget one that was closed. */
export type Order =
  | { readonly kind: 'layout'; readonly group: string; readonly turn: number; readonly items: readonly Item[] }
  | { readonly kind: 'forget'; readonly group: string };

export interface LaidOut {
  readonly group: string;
  readonly turn: number;
  readonly width: number;
  readonly height: number;
  readonly boxes: Float32Array;
}

const memories = new Map<string, Memory>();

addEventListener('message', ({ data }: MessageEvent<Order>) => {
  if (data.kind === 'forget') return void memories.delete(data.group);
  let memory = memories.get(data.group);
  if (memory === undefined) memories.set(data.group, (memory = new Map()));
  const { width, height, boxes } = layoutGroup(data.items, memory);
  const answer: LaidOut = { group: data.group, turn: data.turn, width, height, boxes };
  postMessage(answer, { transfer: [boxes.buffer] });
});
