import { iconPaths } from '../scene/icons.js';

/** Pixels of one sign: enough for the largest glyph on a sharp screen. */
const CELL = 64;
const GRID = 16;
const STROKE = 1.5;

/** All signs beside one another, white on nothing. */
export function drawAtlas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = CELL * iconPaths.length;
  canvas.height = CELL;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.strokeStyle = '#fff';
  context.lineWidth = STROKE;
  context.lineCap = context.lineJoin = 'round';
  iconPaths.forEach((path, index) => {
    context.setTransform(CELL / GRID, 0, 0, CELL / GRID, index * CELL, 0);
    context.stroke(new Path2D(path));
  });
  return canvas;
}

/** The signs as a texture that is read smaller without flicker. */
export function loadAtlas(gl: WebGL2RenderingContext): WebGLTexture {
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, drawAtlas());
  gl.generateMipmap(gl.TEXTURE_2D);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  return texture;
}
