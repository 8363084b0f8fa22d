import { type RefObject, useLayoutEffect, useState } from 'react';

/** Width of what is inside an element, pixels, without its scroll bar; `undefined` before it is on the screen. */
export function useWidth(element: RefObject<HTMLElement | null>): number | undefined {
  const [width, setWidth] = useState<number>();
  useLayoutEffect(() => {
    const measure = (): void => setWidth(element.current!.clientWidth || undefined);
    measure();
    const watching = new ResizeObserver(measure);
    watching.observe(element.current!);
    return () => watching.disconnect();
  }, [element]);
  return width;
}
