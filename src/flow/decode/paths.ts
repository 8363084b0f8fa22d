import { LAYER_NAMES } from './layers.js';

/** Room for layers in a row of the table of steps: a power of two above their number. */
const ROW = 128;

/** Paths; made-up stacks of tags and chunks beyond it keep the path that they had. */
const MAX_PATHS = 16_384;

/** Paths of layers as numbers, 0 the empty one: taking one more layer is one look into a table. */
export class PathTable {
  private steps = new Int32Array(ROW * 64);
  private readonly texts: string[] = [''];

  /** The path with one layer more. */
  extend(path: number, layer: number): number {
    const next = this.steps[path * ROW + layer]!;
    return next === 0 ? this.add(path, layer) : next;
  }

  text(path: number): string {
    return this.texts[path]!;
  }

  private add(path: number, layer: number): number {
    const number = this.texts.length;
    if (number === MAX_PATHS) return path;
    if ((number + 1) * ROW > this.steps.length) {
      const longer = new Int32Array(this.steps.length * 2);
      longer.set(this.steps);
      this.steps = longer;
    }
    const name = LAYER_NAMES[layer]!;
    this.texts.push(path === 0 ? name : `${this.texts[path]!}/${name}`);
    this.steps[path * ROW + layer] = number;
    return number;
  }
}
