import { type PointerEvent, type RefObject, useRef } from 'react';

/** Milliseconds between two moments that are asked for while dragging. */
const DRAG_MS = 100;

interface Dragging {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
}

/** Tells where along an element the pointer is while it is pressed, as a share of its width; the last place is always told. */
export function useDragging(along: RefObject<HTMLElement | null>, go: (share: number) => void): Dragging {
  const drag = useRef<{ last: number; timer?: ReturnType<typeof setTimeout> }>({ last: 0 });
  const latest = useRef(go);
  latest.current = go;
  const point = (event: PointerEvent): void => {
    if (event.buttons === 0) return;
    const box = along.current!.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    clearTimeout(drag.current.timer);
    const wait = drag.current.last + DRAG_MS - performance.now();
    const act = (): void => {
      drag.current.last = performance.now();
      latest.current(share);
    };
    if (wait <= 0) act();
    else drag.current.timer = setTimeout(act, wait);
  };
  return {
    onPointerDown(event) {
      event.currentTarget.setPointerCapture(event.pointerId);
      point(event);
    },
    onPointerMove: point,
  };
}
