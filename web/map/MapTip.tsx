import { type JSX, type RefObject, useEffect, useRef } from 'react';
import { Tip } from '../ui/Tip.js';
import { type Near, useTip } from '../ui/useTip.js';
import type { Picked } from './interact/pick.js';
import { lineOf, middleOf } from './interact/walk.js';
import type { Stage } from './interact/stage.js';
import { GROUP_HEADER } from './layout/measures.js';
import { placeOf } from './scene/build.js';
import type { Scene } from './scene/scene.js';
import { wordsOf } from './scene/tips.js';

/** What the picture says to its tip; calls cost nothing while there is nothing to tell. */
export interface MapTipActs {
  hovered(what: Picked | undefined, x: number, y: number): void;
  /** Somebody came to this by keys. */
  walked(what: Picked): void;
  /** The camera is elsewhere. */
  moved(): void;
}

/** Before there is a tip. */
export const NO_TIP: MapTipActs = { hovered: () => undefined, walked: () => undefined, moved: () => undefined };

interface MapTipProps {
  readonly scene: Scene;
  readonly stage: Stage | undefined;
  readonly host: RefObject<HTMLElement | null>;
  readonly acts: RefObject<MapTipActs>;
}

/** Half the width of what the pointer covers, pixels. */
const POINTER = 14;
/** A thing that is larger than this on the screen is not passed over by its tip: that stands by the pointer. */
const MOST_HEIGHT = 140;

/** What is under the pointer, or selected by keys, in words beside it. */
export function MapTip({ scene, stage, host, acts }: MapTipProps): JSX.Element | null {
  const tip = useTip<Picked>();
  const { told, point, tell, dismiss } = tip;
  const latest = useRef({ scene, told });
  latest.current = { scene, told };

  useEffect(() => {
    if (!stage) return;
    /** What was come to by keys, and the camera when something was told. */
    let walked: Picked | undefined;
    let camera = stage.camera();
    const tellOf = (what: Picked): void => {
      const line = lineOf(latest.current.scene, what.id);
      const place = line ? middleOf(line) : placeOf(latest.current.scene, what.id);
      tell(place && { what, near: stage.onScreen(place) });
    };
    acts.current = {
      hovered(what, x, y) {
        walked = undefined;
        const near = what && nearOf(what, x, y, latest.current.scene, stage);
        point(near && keyOf(what!), () => {
          camera = stage.camera();
          return { what: what!, near: near! };
        });
      },
      walked: (what) => tellOf((walked = what)),
      moved() {
        if (latest.current.told === undefined) walked = undefined;
        else if (walked) tellOf(walked);
        else if (stage.camera() !== camera) dismiss();
      },
    };
    return () => void (acts.current = NO_TIP);
  }, [acts, stage, point, tell, dismiss]);
  useEffect(() => {
    const ending = new AbortController();
    const options = { signal: ending.signal, passive: true };
    // Hands that do something need no words.
    for (const name of ['pointerdown', 'wheel', 'blur'] as const) host.current?.addEventListener(name, dismiss, options);
    host.current?.addEventListener('keydown', ({ key }) => key === 'Enter' && dismiss(), options);
    return () => ending.abort();
  }, [host, dismiss]);

  const words = told && wordsOf(scene, told.what);
  return words ? <Tip words={words} near={told.near} onHold={tip.hold} /> : null;
}

const keyOf = ({ kind, id }: Picked): string => `${kind}:${id}`;

/** Beside what place it is told; `undefined` on the ground of something large, which only its head tells about. */
function nearOf({ kind, id }: Picked, x: number, y: number, scene: Scene, stage: Stage): Near | undefined {
  const place = kind === 'group' || kind === 'node' ? placeOf(scene, id) : undefined;
  const box = place && stage.onScreen(place);
  if (box && box.height < MOST_HEIGHT) return box;
  if (box && y - box.top > (GROUP_HEADER * box.height) / place.height) return undefined;
  return { left: x - POINTER, top: y - POINTER, right: x + POINTER, bottom: y + POINTER * 1.5 };
}
