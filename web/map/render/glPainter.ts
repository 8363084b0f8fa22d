import { overlaps } from '../layout/placeGroups.js';
import type { Redrawn } from '../scene/inside.js';
import { lineShifts, type Moved, shiftsOf } from '../scene/moves.js';
import { type Drawn, FILLS, type Line, type Scene, type ScenePart, viewAt } from '../scene/scene.js';
import { type Camera, seen, type Viewport } from './camera.js';
import { iconNumber } from '../scene/icons.js';
import { loadAtlas } from './atlas.js';
import type { Palette } from './palette.js';
import { makeRoom } from './sheet.js';
import { LINE_FRAGMENT, LINE_VERTEX, SHAPE_FRAGMENT, SHAPE_VERTEX } from './shaders.js';

/** What moves in a frame. */
export interface Motion {
  /** A time that goes on: traffic moves by it. Below 0 it stands still. */
  readonly seconds: number;
  /** From 1, things are where they were, to 0, where they are. */
  readonly late: number;
}

const STILL: Motion = { seconds: -1, late: 0 };

/** Draws a scene; what is in it goes to the graphics card once, a movement of the camera is three numbers. */
export interface Painter {
  /** Takes over what is new in the scene; parts that it has stay as they are. What moved is drawn between its places as `late` says. */
  load(scene: Scene, palette: Palette, moved?: Moved): void;
  /** Takes over the looks of some shapes of a part that it has. */
  redraw(part: ScenePart, redrawn: Redrawn): void;
  /** `false` when the graphics card is still busy with the frame before: nothing was drawn, try again. */
  paint(camera: Camera, viewport: Viewport, pixelRatio: number, motion?: Motion): boolean;
  /** Whether there is no graphics card, and its work is done by the processor. */
  readonly isSoftware: boolean;
  close(): void;
}

/** Pieces of a curve. */
const SEGMENTS = 12;
const LINE_POINTS = 2 * (SEGMENTS + 1);
const SHAPE_POINTS = 4;
/** Numbers of an instance: four of four. */
const STRIDE = 16;
const LINE_STRIDE = 12;
/** Where the shaders read how far an instance was from its place; without a list of its own that is nothing. */
const SHIFT = 5;
const STYLES = { solid: 0, dashed: 1, double: 2 } as const;

/** `undefined` where the browser has no WebGL 2. */
export function openGlPainter(canvas: HTMLCanvasElement): Painter | undefined {
  const gl = canvas.getContext('webgl2', { antialias: false, alpha: false });
  if (gl === null) return undefined;
  gl.vertexAttrib4f(SHIFT, 0, 0, 0, 0);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const shapes = program(gl, SHAPE_VERTEX, SHAPE_FRAGMENT);
  const lines = program(gl, LINE_VERTEX, LINE_FRAGMENT);
  // The only texture: it stays bound.
  loadAtlas(gl);
  const quad = corners(gl, [-1, -1, 1, -1, -1, 1, 1, 1]);
  const strip = corners(gl, Array.from({ length: SEGMENTS + 1 }, (_, index) => [index / SEGMENTS, -1, index / SEGMENTS, 1]).flat());
  // One batch for each list of shapes or lines: a list is the same object as long as only single looks in it change.
  let batches = new Map<object, Batch>();
  let shown: Scene | undefined;
  let palette: Palette | undefined;
  let adopt: (() => void) | undefined;
  let fence: WebGLSync | null = null;

  /** Orders to a card that has not done the last ones would make the page wait for it. */
  const isBusy = (): boolean => {
    if (fence === null || gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.SIGNALED) {
      gl.deleteSync(fence);
      fence = null;
    }
    return fence !== null;
  };

  const shapeBatch = (list: readonly Drawn[], colours: Palette): Batch => {
    const made = batch(gl, quad, STRIDE, 4, list.length);
    list.forEach((shape, index) => packShape(made.packed, index * STRIDE, shape, colours));
    made.touch(0, list.length);
    return made;
  };
  const lineBatch = (list: readonly Line[], colours: Palette): Batch => {
    const made = batch(gl, strip, LINE_STRIDE, 3, list.length);
    list.forEach((line, index) => packLine(made.packed, index * LINE_STRIDE, line, colours));
    made.touch(0, list.length);
    return made;
  };
  const aim = (uniforms: Program, motion: Motion, camera: Camera, { width, height }: Viewport): void => {
    gl.useProgram(uniforms.program);
    gl.uniform1f(uniforms.late, motion.late);
    gl.uniform1f(uniforms.seconds, motion.seconds);
    gl.uniform3f(uniforms.camera, camera.x, camera.y, camera.scale);
    gl.uniform2f(uniforms.viewport, width, height);
  };
  const draw = (list: object, vertices: number): void => {
    const target = batches.get(list);
    if (target === undefined) return;
    target.upload();
    gl.bindVertexArray(target.array);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, vertices, target.count);
  };

  return {
    isSoftware: isSoftware(gl),
    load(scene, colours, moved) {
      adopt = () => {
        const kept = colours === palette ? batches : new Map<object, Batch>();
        const next = new Map<object, Batch>();
        const take = <List extends readonly unknown[]>(list: List, make: (list: List, colours: Palette) => Batch): void => {
          if (list.length > 0) next.set(list, kept.get(list) ?? make(list, colours));
        };
        const shift = (list: object, shifts: Float32Array | undefined): void => {
          // What was kept did not move this time, whatever it did before.
          next.get(list)?.shift(batches.has(list) ? undefined : shifts);
        };
        for (const view of [scene, scene.far]) {
          take(view.sums, lineBatch);
          for (const { areas, glyphs } of view.parts) {
            take(areas, shapeBatch);
            take(glyphs, shapeBatch);
          }
          for (const { lines: list } of view.lines) take(list, lineBatch);
        }
        if (moved !== undefined) {
          shift(scene.sums, lineShifts(scene.sums, moved));
          for (const part of scene.parts) {
            shift(part.areas, shiftsOf(part, 'areas', moved));
            shift(part.glyphs, shiftsOf(part, 'glyphs', moved));
          }
          for (const { lines: list } of scene.lines) shift(list, lineShifts(list, moved));
        }
        for (const [list, old] of batches) if (next.get(list) !== old) old.close();
        [batches, shown, palette] = [next, scene, colours];
      };
    },
    redraw({ areas, glyphs }, redrawn) {
      for (const [list, indices] of [
        [areas, redrawn.areas],
        [glyphs, redrawn.glyphs],
      ] as const) {
        const target = batches.get(list);
        if (target === undefined || indices.length === 0) continue;
        for (const index of indices) {
          packShape(target.packed, index * STRIDE, list[index]!, palette!);
          target.touch(index, index + 1);
        }
      }
    },
    paint(camera, viewport, pixelRatio, motion = STILL) {
      if (isBusy()) return false;
      adopt?.();
      adopt = undefined;
      const { width, height } = makeRoom(canvas, viewport, pixelRatio);
      gl.viewport(0, canvas.height - height, width, height);
      if (shown === undefined || palette === undefined) return true;
      gl.clearColor(...palette.canvas, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
      const window = seen(camera, viewport);
      const view = viewAt(shown, camera.scale);
      const inSight = view.parts.filter(({ bounds }) => overlaps(window, bounds));
      aim(lines, motion, camera, viewport);
      draw(view.sums, LINE_POINTS);
      aim(shapes, motion, camera, viewport);
      for (const { areas } of inSight) draw(areas, SHAPE_POINTS);
      gl.useProgram(lines.program);
      for (const { bounds, lines: list } of view.lines) if (overlaps(window, bounds)) draw(list, LINE_POINTS);
      gl.useProgram(shapes.program);
      for (const { glyphs } of inSight) draw(glyphs, SHAPE_POINTS);
      fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
      gl.flush();
      return true;
    },
    close: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}

/** Names of drivers that let the processor draw. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

function isSoftware(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return info !== null && SOFTWARE.test(String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)));
}

type Rgb = readonly [number, number, number];

function packShape(packed: Float32Array, at: number, shape: Drawn, palette: Palette): void {
  packed[at] = shape.x;
  packed[at + 1] = shape.y;
  packed[at + 2] = shape.width;
  packed[at + 3] = shape.height;
  tint(packed, at + 4, palette[shape.fill], shape.opacity);
  tint(packed, at + 8, palette[shape.edge], shape.opacity);
  packed[at + 12] = shape.shape + 8 * iconNumber(shape.icon);
  packed[at + 13] = shape.radius;
  packed[at + 14] = shape.edgeWidth;
  packed[at + 15] = FILLS[shape.pattern];
}

function packLine(packed: Float32Array, at: number, line: Line, palette: Palette): void {
  packed[at] = line.x0;
  packed[at + 1] = line.y0;
  packed[at + 2] = line.x1;
  packed[at + 3] = line.y1;
  packed[at + 4] = line.cx;
  packed[at + 5] = line.cy;
  packed[at + 6] = line.width;
  packed[at + 7] = STYLES[line.style] * 4 + line.flow + 1;
  tint(packed, at + 8, palette[line.role], line.opacity);
}

function tint(packed: Float32Array, at: number, [red, green, blue]: Rgb, opacity: number): void {
  packed[at] = red;
  packed[at + 1] = green;
  packed[at + 2] = blue;
  packed[at + 3] = opacity;
}

interface Program {
  readonly program: WebGLProgram;
  readonly camera: WebGLUniformLocation | null;
  readonly viewport: WebGLUniformLocation | null;
  /** Of links only. */
  readonly seconds: WebGLUniformLocation | null;
  readonly late: WebGLUniformLocation | null;
}

function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const linked = gl.createProgram();
  for (const [type, text] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? 'a shader does not compile');
    gl.attachShader(linked, shader);
  }
  gl.linkProgram(linked);
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(linked, name);
  return { program: linked, camera: uniform('camera'), viewport: uniform('viewport'), seconds: uniform('seconds'), late: uniform('late') };
}

function corners(gl: WebGL2RenderingContext, points: readonly number[]): WebGLBuffer {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(points), gl.STATIC_DRAW);
  return buffer;
}

interface Batch {
  readonly array: WebGLVertexArrayObject;
  readonly count: number;
  /** The instances as they are on the graphics card, or will be after the next upload. */
  readonly packed: Float32Array;
  /** Says that instances, from the first to before the last, are different now. */
  touch(from: number, to: number): void;
  /** Sends what is different to the graphics card. */
  upload(): void;
  /** Says how far instances were from their places before they moved there: four numbers each, or two. */
  shift(shifts: Float32Array | undefined): void;
  close(): void;
}

/** Instances of one outline, with so many vectors of four each. */
function batch(gl: WebGL2RenderingContext, outline: WebGLBuffer, stride: number, vectors: number, count: number): Batch {
  const array = gl.createVertexArray();
  const instances = gl.createBuffer();
  const packed = new Float32Array(count * stride);
  let [from, to] = [Infinity, 0];
  let shiftBuffer: WebGLBuffer | null = null;
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, outline);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, instances);
  gl.bufferData(gl.ARRAY_BUFFER, packed.byteLength, gl.DYNAMIC_DRAW);
  for (let index = 0; index < vectors; index++) {
    gl.enableVertexAttribArray(index + 1);
    gl.vertexAttribPointer(index + 1, 4, gl.FLOAT, false, stride * 4, index * 16);
    gl.vertexAttribDivisor(index + 1, 1);
  }
  return {
    array,
    count,
    packed,
    touch(first, end) {
      from = Math.min(from, first);
      to = Math.max(to, end);
    },
    upload() {
      if (from >= to) return;
      gl.bindBuffer(gl.ARRAY_BUFFER, instances);
      gl.bufferSubData(gl.ARRAY_BUFFER, from * stride * 4, packed, from * stride, (to - from) * stride);
      [from, to] = [Infinity, 0];
    },
    shift(shifts) {
      gl.bindVertexArray(array);
      if (shifts === undefined) return gl.disableVertexAttribArray(SHIFT);
      shiftBuffer ??= gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, shiftBuffer);
      gl.bufferData(gl.ARRAY_BUFFER, shifts, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(SHIFT);
      gl.vertexAttribPointer(SHIFT, shifts.length / count, gl.FLOAT, false, 0, 0);
      gl.vertexAttribDivisor(SHIFT, 1);
    },
    close() {
      gl.deleteBuffer(shiftBuffer);
      gl.deleteVertexArray(array);
      gl.deleteBuffer(instances);
    },
  };
}
