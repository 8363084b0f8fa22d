import { ICON_COUNT, roomOf } from '../scene/icons.js';

/** Shapes: one quad each, whose outline is a distance worked out for every pixel, so that it is sharp at any scale. */
export const SHAPE_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 corner;
layout(location=1) in vec4 box;
layout(location=2) in vec4 fill;
layout(location=3) in vec4 edge;
layout(location=4) in vec4 form; // shape and eight times the sign, radius, edge width, pattern
layout(location=5) in vec4 shift; // how far it was from here before it moved
uniform float late; // from 1, as it was, to 0, as it is
uniform vec3 camera;
uniform vec2 viewport;
out vec2 at;
out vec4 vFill;
out vec4 vEdge;
out vec4 vForm;
out vec2 half_;
flat out float sign_;
void main() {
  float shape = mod(form.x, 8.0);
  vec2 halfSize = box.zw * 0.5 * camera.z;
  vec2 centre = (box.xy + shift.xy * late + box.zw * 0.5 - camera.xy) * camera.z;
  vec2 reach = halfSize + 1.5;
  at = corner * reach;
  half_ = halfSize;
  vFill = fill; vEdge = edge; vForm = form;
  vForm.x = shape;
  sign_ = floor(form.x / 8.0);
  vForm.y = form.y * camera.z;
  vForm.z = shape < 0.5 && form.y > 3.5 ? form.z : form.z * clamp(camera.z, 0.6, 1.6);
  vec2 p = (centre + at) / (viewport * 0.5);
  gl_Position = vec4(p.x, -p.y, 0.0, 1.0);
}`;

export const SHAPE_FRAGMENT = `#version 300 es
precision highp float;
in vec2 at;
in vec4 vFill;
in vec4 vEdge;
in vec4 vForm;
in vec2 half_;
flat in float sign_;
uniform sampler2D signs;
out vec4 colour;
float box(vec2 p, vec2 b, float r) { vec2 q = abs(p) - b + r; return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - r; }
float hexagon(vec2 p, float r) { p = abs(p); return max(p.x * 0.866025 + p.y * 0.5, p.y) - r; }
float triangle(vec2 p, float r) { p.y += r * 0.25; return max(abs(p.x) * 0.866025 + -p.y * 0.5, p.y) - r * 0.55; }
void main() {
  float r = min(half_.x, half_.y);
  float d;
  if (vForm.x < 0.5) d = box(at, half_, min(vForm.y, r));
  else if (vForm.x < 1.5) d = length(at) - r;
  else if (vForm.x < 2.5) d = (abs(at.x) + abs(at.y)) * 0.7071 - r * 0.78;
  else if (vForm.x < 3.5) d = hexagon(at.yx, r * 0.95);
  else d = triangle(vec2(at.x, at.y), r * 1.15);
  float cover = clamp(0.5 - d, 0.0, 1.0);
  if (cover <= 0.0) discard;
  float rim = vForm.z > 0.0 ? clamp(0.5 + d + vForm.z, 0.0, 1.0) : 0.0;
  vec4 inside = vFill;
  if (vForm.w > 0.5 && vForm.w < 1.5) {
    float bar = clamp(1.5 - abs(at.y), 0.0, 1.0) * step(3.0, r);
    inside = vec4(vEdge.rgb, vEdge.a * bar);
  } else if (vForm.w > 1.5 && vForm.w < 2.5) {
    inside = vec4(vFill.rgb, vFill.a * 0.14);
    float turn = atan(at.y, at.x) * 1.9099;
    rim *= r < 3.0 ? 0.6 : smoothstep(0.2, 0.5, abs(fract(turn) - 0.5) * 2.0);
  } else if (vForm.w > 2.5 && vForm.w < 3.5) {
    inside = at.y > 0.0 ? vFill : vec4(vFill.rgb, vFill.a * 0.2);
  } else if (vForm.w > 5.5) inside = mix(vFill, vEdge, clamp(1.5 - abs(at.y), 0.0, 1.0) * step(3.0, r));
  else if (vForm.w > 4.5) inside = vec4(vFill.rgb, 0.0);
  else if (vForm.w > 3.5) inside = vec4(vFill.rgb, vFill.a * 0.08);
  vec4 c = mix(inside, vEdge, rim);
  bool isBarred = vForm.w > 0.5 && vForm.w < 1.5 || vForm.w > 5.5;
  if (sign_ > 0.5 && r > 3.5 && !isBarred) {
    vec2 room = ${glyphRooms()};
    vec2 uv = (at - vec2(0.0, room.y * r * 2.0)) / (half_ * 2.0 * room.x) + 0.5;
    if (all(greaterThan(uv, vec2(0.01))) && all(lessThan(uv, vec2(0.99)))) {
      // The derivative is taken from what does not jump at the border of a cell.
      float ink = textureGrad(signs, vec2((uv.x + sign_ - 1.0) / ${ICON_COUNT}.0, uv.y), dFdx(uv) / vec2(${ICON_COUNT}.0, 1.0), dFdy(uv) / vec2(${ICON_COUNT}.0, 1.0)).a;
      ink *= smoothstep(3.5, 5.5, r);
      bool isFilled = vForm.w < 0.5 || vForm.w > 2.5 && vForm.w < 3.5;
      float light = dot(vFill.rgb, vec3(0.3, 0.59, 0.11));
      vec3 tone = isFilled ? (light > 0.5 ? vec3(0.07, 0.09, 0.12) : vec3(1.0)) : vEdge.rgb;
      c = vec4(mix(c.rgb, tone, ink), mix(c.a, vEdge.a, ink));
    }
  }
  colour = vec4(c.rgb, 1.0) * c.a * cover;
}`;

/** The room of a sign in each shape, as a chain of choices. */
function glyphRooms(): string {
  const rooms = [0, 1, 2, 3, 4].map(
    (shape) =>
      `vec2(${roomOf(shape)
        .map((part) => part.toFixed(2))
        .join(', ')})`,
  );
  return rooms.reduceRight((rest, room, shape) => `vForm.x < ${shape}.5 ? ${room} : (${rest})`);
}

/** Links: a strip of quads along a curve; dashes and double lines are cut out of it pixel by pixel. */
export const LINE_VERTEX = `#version 300 es
precision highp float;
layout(location=0) in vec2 corner; // t, side
layout(location=1) in vec4 ends;
layout(location=2) in vec4 bend; // control x, y, width, four times the style and traffic from 0 to 2
layout(location=3) in vec4 tint;
layout(location=5) in vec4 shift; // how far its ends were from here
uniform float late;
uniform vec3 camera;
uniform vec2 viewport;
out vec4 vTint;
flat out float flow; // -1 to 1
out vec2 across; // distance from the middle in pixels, half width
out float along;
flat out float style;
void main() {
  float t = corner.x;
  vec2 p0 = (ends.xy + shift.xy * late - camera.xy) * camera.z;
  vec2 p1 = (ends.zw + shift.zw * late - camera.xy) * camera.z;
  vec2 c = (bend.xy + (shift.xy + shift.zw) * 0.5 * late - camera.xy) * camera.z;
  vec2 p = mix(mix(p0, c, t), mix(c, p1, t), t);
  vec2 tangent = mix(c - p0, p1 - c, t);
  vec2 normal = normalize(vec2(-tangent.y, tangent.x) + 1e-6);
  style = floor(bend.w / 4.0);
  flow = mod(bend.w, 4.0) - 1.0;
  float width = max(0.8, bend.z * clamp(camera.z, 0.55, 1.6)) * (style > 1.5 ? 2.6 : 1.0);
  float reach = width * 0.5 + 1.0;
  p += normal * corner.y * reach;
  across = vec2(corner.y * reach, width * 0.5);
  along = t * length(p1 - p0);
  vTint = tint;
  // Many faint links together hide from afar what they connect.
  if (tint.a < 0.5) vTint.a *= clamp(camera.z / 0.6, 0.25, 1.0);
  vec2 q = p / (viewport * 0.5);
  gl_Position = vec4(q.x, -q.y, 0.0, 1.0);
}`;

export const LINE_FRAGMENT = `#version 300 es
precision highp float;
in vec4 vTint;
in vec2 across;
in float along;
flat in float style;
flat in float flow;
uniform float seconds; // below 0: everything stands still
out vec4 colour;
void main() {
  float cover = clamp(across.y + 0.5 - abs(across.x), 0.0, 1.0);
  if (style > 1.5) cover *= clamp(abs(across.x) - across.y * 0.3 + 0.5, 0.0, 1.0);
  else if (style > 0.5) cover *= smoothstep(0.42, 0.58, abs(fract(along / 10.0) - 0.5) * 2.0);
  if (cover <= 0.0) discard;
  // Traffic is a row of comets, whose heads lead; what stands still shows its direction all the same.
  float pulse = 1.0;
  if (abs(flow) > 0.01) {
    float moved = max(seconds, 0.0) * (12.0 + 60.0 * abs(flow));
    float at = fract((along * sign(flow) + abs(across.x) - moved) / 40.0);
    pulse = 0.4 + 0.6 * at * at;
  }
  colour = vec4(vTint.rgb, 1.0) * vTint.a * cover * pulse;
}`;
