import { type Drawn, FILLS, type Line, type Role, type Scene } from '../scene/scene.js';
import type { Camera, Viewport } from './camera.js';
import type { Palette } from './palette.js';
import { LINE_FRAGMENT, LINE_VERTEX, SHAPE_FRAGMENT, SHAPE_VERTEX } from './shaders.js';

/** Draws a scene; what is in it goes to the graphics card once, a movement of the camera is three numbers. */
export interface Painter {
  load(scene: Scene, palette: Palette): void;
  paint(camera: Camera, viewport: Viewport, pixelRatio: number): void;
  close(): void;
}

/** Pieces of a curve. */
const SEGMENTS = 12;
/** Numbers of an instance: four of four. */
const STRIDE = 16;
const LINE_STRIDE = 12;
const STYLES = { solid: 0, dashed: 1, double: 2 } as const;

/** `undefined` where the browser has no WebGL 2. */
export function openGlPainter(canvas: HTMLCanvasElement): Painter | undefined {
  const gl = canvas.getContext('webgl2', { antialias: false, alpha: true, premultipliedAlpha: true, preserveDrawingBuffer: true });
  if (gl === null) return undefined;
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const shapes = program(gl, SHAPE_VERTEX, SHAPE_FRAGMENT);
  const lines = program(gl, LINE_VERTEX, LINE_FRAGMENT);
  const quad = corners(gl, [-1, -1, 1, -1, -1, 1, 1, 1]);
  const strip = corners(gl, Array.from({ length: SEGMENTS + 1 }, (_, index) => [index / SEGMENTS, -1, index / SEGMENTS, 1]).flat());
  const areas = batch(gl, quad, STRIDE, 4);
  const glyphs = batch(gl, quad, STRIDE, 4);
  const sums = batch(gl, strip, LINE_STRIDE, 3);
  const links = batch(gl, strip, LINE_STRIDE, 3);
  let clear: readonly [number, number, number] = [0, 0, 0];

  const draw = (target: Batch, uniforms: Program, vertices: number, camera: Camera, { width, height }: Viewport): void => {
    if (target.count === 0) return;
    gl.useProgram(uniforms.program);
    gl.uniform3f(uniforms.camera, camera.x, camera.y, camera.scale);
    gl.uniform2f(uniforms.viewport, width, height);
    gl.bindVertexArray(target.array);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, vertices, target.count);
  };

  return {
    load(scene, palette) {
      clear = palette.canvas;
      areas.upload(packShapes(scene.areas, palette));
      glyphs.upload(packShapes(scene.glyphs, palette));
      sums.upload(packLines(scene.sums, palette));
      links.upload(packLines(scene.lines, palette));
    },
    paint(camera, viewport, pixelRatio) {
      const [width, height] = [Math.round(viewport.width * pixelRatio), Math.round(viewport.height * pixelRatio)];
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      gl.viewport(0, 0, width, height);
      gl.clearColor(...clear, 1);
      gl.clear(gl.COLOR_BUFFER_BIT);
      draw(sums, lines, 2 * (SEGMENTS + 1), camera, viewport);
      draw(areas, shapes, 4, camera, viewport);
      draw(links, lines, 2 * (SEGMENTS + 1), camera, viewport);
      draw(glyphs, shapes, 4, camera, viewport);
    },
    close: () => gl.getExtension('WEBGL_lose_context')?.loseContext(),
  };
}

type Rgb = readonly [number, number, number];

function packShapes(shapes: readonly Drawn[], palette: Palette): Float32Array {
  const packed = new Float32Array(shapes.length * STRIDE);
  shapes.forEach((shape, index) => {
    const at = index * STRIDE;
    packed[at] = shape.x;
    packed[at + 1] = shape.y;
    packed[at + 2] = shape.width;
    packed[at + 3] = shape.height;
    tint(packed, at + 4, palette[shape.fill], shape.opacity);
    tint(packed, at + 8, palette[shape.edge], shape.opacity);
    packed[at + 12] = shape.shape;
    packed[at + 13] = shape.radius;
    packed[at + 14] = shape.edgeWidth;
    packed[at + 15] = FILLS[shape.pattern];
  });
  return packed;
}

function packLines(lines: readonly Line[], palette: Record<Role, Rgb>): Float32Array {
  const packed = new Float32Array(lines.length * LINE_STRIDE);
  lines.forEach((line, index) => {
    const at = index * LINE_STRIDE;
    packed[at] = line.x0;
    packed[at + 1] = line.y0;
    packed[at + 2] = line.x1;
    packed[at + 3] = line.y1;
    packed[at + 4] = line.cx;
    packed[at + 5] = line.cy;
    packed[at + 6] = line.width;
    packed[at + 7] = STYLES[line.style];
    tint(packed, at + 8, palette[line.role], line.opacity);
  });
  return packed;
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
  return { program: linked, camera: gl.getUniformLocation(linked, 'camera'), viewport: gl.getUniformLocation(linked, 'viewport') };
}

function corners(gl: WebGL2RenderingContext, points: readonly number[]): WebGLBuffer {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(points), gl.STATIC_DRAW);
  return buffer;
}

interface Batch {
  readonly array: WebGLVertexArrayObject;
  count: number;
  upload(packed: Float32Array): void;
}

/** Instances of one outline, with so many vectors of four each. */
function batch(gl: WebGL2RenderingContext, outline: WebGLBuffer, stride: number, vectors: number): Batch {
  const array = gl.createVertexArray();
  const instances = gl.createBuffer();
  gl.bindVertexArray(array);
  gl.bindBuffer(gl.ARRAY_BUFFER, outline);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, instances);
  for (let index = 0; index < vectors; index++) {
    gl.enableVertexAttribArray(index + 1);
    gl.vertexAttribPointer(index + 1, 4, gl.FLOAT, false, stride * 4, index * 16);
    gl.vertexAttribDivisor(index + 1, 1);
  }
  const made: Batch = {
    array,
    count: 0,
    upload(packed) {
      gl.bindBuffer(gl.ARRAY_BUFFER, instances);
      gl.bufferData(gl.ARRAY_BUFFER, packed, gl.DYNAMIC_DRAW);
      made.count = packed.length / stride;
    },
  };
  return made;
}
