import { contains, type Rectangle } from '../layout/placeGroups.js';
import { type Camera, fitTo, refitted, resized, seen, type Size, toPicture, type Viewport, zoomAt } from '../render/camera.js';
import { openCanvasPainter } from '../render/canvasPainter.js';
import { openGlPainter, type Painter } from '../render/glPainter.js';
import { layer } from '../render/sheet.js';
import { openWords } from '../render/words.js';
import { type Palette, readPalette } from '../render/palette.js';
import { linesIn, movingIn, placeOf, targetsIn } from '../scene/build.js';
import type { Redrawn } from '../scene/inside.js';
import { movedBetween } from '../scene/moves.js';
import { type Scene, type ScenePart, type View, viewAt } from '../scene/scene.js';
import { cardAt, nodesIn, type Picked, pickAt } from './pick.js';

/** What hands do with the picture. */
export interface StageEvents {
  picked(what: Picked | undefined, isMany: boolean): void;
  opened(what: Picked): void;
  /** A rectangle was drawn around these nodes. */
  framed(ids: readonly string[]): void;
  /** Zoomed out so far that what these open groups hold is nothing but a speck. */
  wentFar(groups: readonly string[]): void;
  /** Came so close to a closed group that there is room for what it holds. */
  cameClose(group: string): void;
  /** The pointer is over this, at a point of the window. */
  hovered(what: Picked | undefined, x: number, y: number): void;
  /** What is seen is another part of the picture, as far as somebody can follow that. */
  moved(): void;
  /** This scene is drawn for the first time. */
  drawn(scene: Scene): void;
}

/** The picture on the screen: its camera, its painters and the pointer. What is drawn comes from outside. */
export interface Stage {
  show(scene: Scene): void;
  /** Shapes of a part look different now. */
  redraw(part: ScenePart, redrawn: Redrawn): void;
  /** Reads the colours again after the theme changed. */
  recolour(): void;
  /** Makes this group, or everything, fill the screen, and keeps it in sight until a hand touches the picture. */
  fit(group?: string): void;
  zoom(factor: number): void;
  /** Says what covers the lower right corner of the screen: what is fitted keeps out of it. */
  cover(covered: Size | undefined): void;
  /** Moves the camera until the place is in sight, with no more movement than needed. */
  reveal(place: Rectangle): void;
  centreOn(x: number, y: number): void;
  window(): Rectangle;
  /** Where a place of the picture is in the window, as it will be when the camera rests. */
  onScreen(place: Rectangle): DOMRect;
  camera(): Camera;
  palette(): Palette;
  close(): void;
}

const DRAG_PIXELS = 4;
const PICK_PIXELS = 7;
const WHEEL_STEP = 0.0016;
const MOVE_MS = 200;
/** Share of the screen's width that a closed group may take before it opens. */
const CLOSE_SHARE = 0.55;
/** An open group of fewer pixels than this closes when one goes further away. */
const FAR_PIXELS = 96;
/** Milliseconds between two frames of moving traffic: slow movement needs no more. */
const FLOW_FRAME_MS = 50;
/** Links in the picture beyond which nothing moves: it would be restless, and tell nothing. */
const MOST_MOVING = 200;

/** Puts the picture into the element. */
export function openStage(element: HTMLElement, events: StageEvents): Stage {
  const canvas = layer(element);
  const painter: Painter = openGlPainter(canvas) ?? openCanvasPainter(canvas);
  const words = openWords(element, painter.isSoftware, () => events.moved());
  let palette = readPalette(element);
  let scene: Scene | undefined;
  let viewport: Viewport = { width: element.clientWidth, height: element.clientHeight };
  /** Not each frame: to ask an element for its size is to wait for the layout of the page. */
  let isMeasured = true;
  let camera: Camera = { x: 0, y: 0, scale: 1 };
  let frame = 0;
  let move: { readonly from: Camera; readonly to: Camera; readonly start: number } | undefined;
  let hasFitted = false;
  /** What fills the screen since somebody wished it: a group, or everything. */
  let fitted: { readonly group: string | undefined } | undefined;
  const fittedPlace = (): Rectangle | undefined =>
    fitted && scene && (fitted.group === undefined ? scene.bounds : placeOf(scene, fitted.group));
  /** When things began to move to their new places. */
  let shiftedAt: number | undefined;
  let flowTimer: ReturnType<typeof setTimeout> | undefined;
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  // What nobody asked for may not keep a processor busy that paints by itself.
  const isStill = (): boolean => painter.isSoftware || calm.matches;
  /** Whether traffic moves in the scene, as it is from near and from afar. */
  let hasTraffic = { near: false, far: false };
  const movesAt = (scale: number): boolean => !isStill() && (viewAt(scene!, scale) === scene ? hasTraffic.near : hasTraffic.far);
  let motion = '';
  /** The scene of which the element says how much is drawn. */
  let said: Scene | undefined;
  /** Whether something was drawn ahead of the next frame. */
  let isAhead = false;
  /** Whether the picture looks different from what is painted: a frame in which only words are written paints nothing. */
  let isStale = true;
  /** Whether all is where it stays, with its words: the element says so. */
  let isAtRest = false;
  const rest = (is: boolean): void => {
    if (is !== isAtRest) element.toggleAttribute('data-at-rest', (isAtRest = is));
  };
  /** The upper left corner of the element in the window: to ask for it at each movement is to wait for the layout of the page. */
  let corner: { readonly left: number; readonly top: number } = element.getBoundingClientRect();
  const lookAround = (): void => {
    corner = element.getBoundingClientRect();
  };

  /**
   * What was fitted stays in sight until a hand touches the picture, with no more movement than needed; else what is seen stays where it is, except a selected thing that would be
   * covered.
   */
  const measure = (): void => {
    isMeasured = true;
    lookAround();
    const next = { ...viewport, width: element.clientWidth, height: element.clientHeight };
    if (next.width === viewport.width && next.height === viewport.height) return;
    const before = viewport;
    viewport = next;
    if (!scene || next.width === 0) return;
    if (!hasFitted) return stage.fit();
    const place = fittedPlace();
    if (place) [camera, move] = [refitted(place, camera, before, next), undefined];
    else camera = resized(camera, before, next, selectedThing(scene));
  };
  const draw = (now: number): void => {
    if (!isMeasured) measure();
    if (move) {
      const t = Math.min(1, (now - move.start) / MOVE_MS);
      const ease = 1 - (1 - t) ** 3;
      camera = between(move.from, move.to, ease);
      if (t === 1) move = undefined;
      else soon();
      isStale = true;
    }
    if (!scene) return;
    const ratio = Math.min(2, devicePixelRatio);
    const isMoving = movesAt(camera.scale);
    const late = shiftedAt === undefined ? 0 : (1 - Math.min(1, (now - shiftedAt) / MOVE_MS)) ** 3;
    if (isStale && !painter.paint(camera, viewport, ratio, { seconds: isMoving ? now / 1_000 : -1, late })) return frameSoon();
    const isPainted = isStale;
    isStale = false;
    if (said !== scene) {
      said = scene;
      element.dataset.targets = String(targetsIn(scene));
      element.dataset.lines = String(linesIn(scene));
      element.dataset.moving = String(movingIn(scene));
      events.drawn(scene);
      events.moved();
    }
    if (motion !== (isMoving ? 'on' : 'off')) element.dataset.motion = motion = isMoving ? 'on' : 'off';
    if (shiftedAt !== undefined) {
      words.fade(1 - late);
      if (late === 0) shiftedAt = undefined;
      else soon();
    }
    if (isMoving) flowTimer ??= setTimeout(() => ((flowTimer = undefined), soon()), FLOW_FRAME_MS);
    // What is drawn ahead of a frame has to be quick: its words come with the frame.
    if (isAhead || words.write(scene, palette, camera, viewport, ratio, isPainted)) frameSoon();
    rest(move === undefined && shiftedAt === undefined && words.areOf(camera, viewport));
  };
  /** As soon as everything is known that belongs to it, and not only with the next frame. */
  const drawAhead = (): void => {
    if (isAhead || move) return soon();
    isAhead = isStale = true;
    queueMicrotask(() => !ending.signal.aborted && draw(performance.now()));
  };
  const frameSoon = (): void =>
    void (frame ||= requestAnimationFrame((now) => {
      frame = 0;
      isAhead = false;
      draw(now);
    }));
  const soon = (): void => {
    isStale = true;
    if (move || !words.areOf(camera, viewport)) rest(false);
    frameSoon();
  };
  const goTo = (to: Camera, isAtOnce = false): void => {
    if (isAtOnce || isStill()) {
      move = undefined;
      camera = to;
    } else move = { from: camera, to, start: performance.now() };
    soon();
  };
  const at = (event: PointerEvent | MouseEvent): readonly [number, number] => [event.clientX - corner.left, event.clientY - corner.top];
  const pick = (event: PointerEvent | MouseEvent): Picked | undefined => {
    if (!scene) return undefined;
    const { x, y } = toPicture(camera, viewport, ...at(event));
    return pickAt(viewAt(scene, camera.scale), x, y, PICK_PIXELS / camera.scale);
  };

  const resize = new ResizeObserver(() => {
    isMeasured = false;
    soon();
  });
  resize.observe(element);

  const pointers = new Map<number, readonly [number, number]>();
  let pressed: { readonly x: number; readonly y: number; isDragging: boolean; readonly isFraming: boolean } | undefined;
  const frameBox = document.createElement('div');
  frameBox.className = 'stage-frame';
  let hover = 0;
  const ending = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(name: K, handler: (event: HTMLElementEventMap[K]) => void, passive = true): void =>
    element.addEventListener(name, handler, { signal: ending.signal, passive });

  on('pointerdown', (event) => {
    if (event.button !== 0) return;
    // Who presses has seen enough.
    cancelAnimationFrame(hover);
    hover = 0;
    fitted = undefined;
    lookAround();
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, at(event));
    const [x, y] = at(event);
    pressed = { x, y, isDragging: pointers.size > 1, isFraming: event.shiftKey && pointers.size === 1 };
  });
  on('pointerenter', lookAround);
  on('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    const now = at(event);
    if (!before || !pressed) {
      if (hover === 0)
        hover = requestAnimationFrame(() => {
          hover = 0;
          const what = pick(event);
          element.style.cursor = what ? 'pointer' : 'grab';
          events.hovered(what, event.clientX, event.clientY);
        });
      return;
    }
    if (!pressed.isDragging && Math.hypot(now[0] - pressed.x, now[1] - pressed.y) < DRAG_PIXELS) return;
    pressed.isDragging = true;
    if (pressed.isFraming) return showFrame(frameBox, element, pressed, now);
    element.style.cursor = 'grabbing';
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)![1];
      const factor = distance(now, other) / (distance(before, other) || 1);
      camera = zoomAt(camera, viewport, factor, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    }
    const share = pointers.size === 2 ? 0.5 : 1;
    camera = {
      ...camera,
      x: camera.x - ((now[0] - before[0]) * share) / camera.scale,
      y: camera.y - ((now[1] - before[1]) * share) / camera.scale,
    };
    move = undefined;
    pointers.set(event.pointerId, now);
    soon();
  });
  const release = (event: PointerEvent): void => {
    pointers.delete(event.pointerId);
    element.style.cursor = 'grab';
    const ended = pressed;
    frameBox.remove();
    if (pointers.size > 0) return;
    pressed = undefined;
    if (event.type !== 'pointerup' || ended === undefined) return;
    if (!ended.isDragging) return events.picked(pick(event), event.shiftKey);
    if (!ended.isFraming || !scene) return;
    const [from, to] = [toPicture(camera, viewport, ended.x, ended.y), toPicture(camera, viewport, ...at(event))];
    events.framed(nodesIn(viewAt(scene, camera.scale), from, to));
  };
  on('pointerup', release);
  on('pointercancel', release);
  on('pointerleave', () => {
    cancelAnimationFrame(hover);
    hover = 0;
    events.hovered(undefined, 0, 0);
  });
  on('dblclick', (event) => {
    const what = pick(event);
    if (what) events.opened(what);
  });
  const lookFar = (scale: number): void => {
    if (!scene) return;
    const { open, places } = scene.input;
    const far = [...open.keys()].filter((id) => (places.get(id)?.width ?? Infinity) * scale < FAR_PIXELS);
    if (far.length > 0) events.wentFar(far);
  };
  on(
    'wheel',
    (event) => {
      event.preventDefault();
      const [x, y] = at(event);
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      move = fitted = undefined;
      camera = zoomAt(camera, viewport, Math.exp(-event.deltaY * lines * WHEEL_STEP * (event.ctrlKey ? 4 : 1)), x, y);
      soon();
      if (event.deltaY >= 0) return lookFar(camera.scale);
      if (!scene) return;
      const point = toPicture(camera, viewport, x, y);
      const card = cardAt(viewAt(scene, camera.scale), point.x, point.y);
      const place = card === undefined ? undefined : placeOf(scene, card);
      if (card !== undefined && place && place.width * camera.scale > viewport.width * CLOSE_SHARE) events.cameClose(card);
    },
    false,
  );

  const stage: Stage = {
    show(next) {
      const moved = scene && movedBetween(scene, next);
      const isOther = moved !== undefined && (moved.size > 0 || scene!.parts.length !== next.parts.length);
      scene = next;
      hasTraffic = { near: hasMoving(next), far: hasMoving(next.far) };
      words.stale(isOther && isStill());
      // The details may have come beside the picture with it.
      isMeasured = false;
      const isShifted = !isStill() && moved !== undefined && moved.size > 0;
      painter.load(next, palette, isShifted ? moved : undefined);
      if (isShifted) shiftedAt = performance.now();
      const place = fittedPlace();
      if (!hasFitted && next.bounds.width > 0) stage.fit();
      // It grew.
      else if (place && !contains(seen(move?.to ?? camera, viewport), place)) goTo(fitTo(place, viewport));
      if (isShifted) soon();
      else drawAhead();
    },
    redraw(part, redrawn) {
      painter.redraw(part, redrawn);
      if (redrawn.labels) words.stale();
      soon();
    },
    recolour() {
      palette = readPalette(element);
      words.stale();
      if (scene) painter.load(scene, palette);
      soon();
    },
    fit(group) {
      fitted = { group };
      const place = fittedPlace();
      if (!place || viewport.width === 0) return;
      goTo(fitTo(place, viewport), !hasFitted);
      hasFitted = true;
    },
    zoom(factor) {
      fitted = undefined;
      const to = zoomAt(camera, viewport, factor, viewport.width / 2, viewport.height / 2);
      goTo(to);
      if (factor < 1) lookFar(to.scale);
    },
    cover(covered) {
      if (covered?.width === viewport.corner?.width && covered?.height === viewport.corner?.height) return;
      viewport = { ...viewport, corner: covered };
      const place = fittedPlace();
      if (place && hasFitted) goTo(fitTo(place, viewport));
    },
    reveal(place) {
      if (contains(seen(camera, viewport), place) && camera.scale > 0.45) return;
      fitted = undefined;
      goTo({ x: place.x + place.width / 2, y: place.y + place.height / 2, scale: Math.max(camera.scale, 0.8) });
    },
    centreOn(x, y) {
      fitted = undefined;
      goTo({ ...camera, x, y }, true);
    },
    window: () => seen(camera, viewport),
    onScreen(place) {
      const to = move?.to ?? camera;
      const { x, y } = seen(to, viewport);
      const [left, top] = [corner.left + (place.x - x) * to.scale, corner.top + (place.y - y) * to.scale];
      return new DOMRect(left, top, place.width * to.scale, place.height * to.scale);
    },
    camera: () => camera,
    palette: () => palette,
    close() {
      cancelAnimationFrame(frame);
      clearTimeout(flowTimer);
      cancelAnimationFrame(hover);
      ending.abort();
      resize.disconnect();
      painter.close();
      canvas.remove();
      words.close();
    },
  };
  return stage;
}

/** Where the selected thing is; a group is too large to be kept in sight. */
const selectedThing = (scene: Scene): Rectangle | undefined => {
  const { selected, places } = scene.input;
  return selected === undefined || places.has(selected) ? undefined : placeOf(scene, selected);
};

type Point = readonly [x: number, y: number];

function showFrame(box: HTMLElement, element: HTMLElement, from: { readonly x: number; readonly y: number }, [x, y]: Point): void {
  if (!box.isConnected) element.append(box);
  const [left, top] = [Math.min(from.x, x), Math.min(from.y, y)];
  Object.assign(box.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${Math.abs(from.x - x)}px`,
    height: `${Math.abs(from.y - y)}px`,
  });
}

const hasMoving = (view: View): boolean => linesIn(view) <= MOST_MOVING && movingIn(view) > 0;

const between = (from: Camera, to: Camera, t: number): Camera => ({
  x: from.x + (to.x - from.x) * t,
  y: from.y + (to.y - from.y) * t,
  scale: from.scale * (to.scale / from.scale) ** t,
});

const distance = (a: readonly [number, number], b: readonly [number, number]): number => Math.hypot(a[0] - b[0], a[1] - b[1]);
