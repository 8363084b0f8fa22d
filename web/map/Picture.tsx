import { type JSX, type KeyboardEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { Icon, type IconName } from '../ui/Icon.js';
import { tipLine } from '../ui/Tip.js';
import { openStage, type Stage } from './interact/stage.js';
import type { Picked } from './interact/pick.js';
import { type Heading, lineOf, middleOf, nextLink, walk } from './interact/walk.js';
import { Legend } from './Legend.js';
import { MapTip, type MapTipActs, NO_TIP } from './MapTip.js';
import type { MapRoomProps } from './MapRoom.js';
import { Minimap } from './Minimap.js';
import { cornerOf } from './render/camera.js';
import { savePng, saveSvg } from './savePicture.js';
import type { OpenGroups } from './openGroups.js';
import { placeOf } from './scene/build.js';
import { redraw } from './scene/inside.js';
import type { Scene } from './scene/scene.js';
import { wordsOf } from './scene/tips.js';

const HEADINGS: ReadonlySet<string> = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']);

interface PictureProps extends MapRoomProps {
  readonly scene: Scene;
  readonly opened: readonly string[];
  readonly hint: string | undefined;
  onTouched: OpenGroups['onTouched'];
  onToggle(group: string): void;
}

/** Groups that one button opens at most: each is followed by itself. */
const MOST_OPENED = 50;

/** Nodes that are selected, the first one first. */
const selectedIn = ({ selected, also }: PictureProps): readonly string[] => (selected?.kind === 'node' ? [selected.id, ...also] : also);
const toggled = (ids: readonly string[], id: string): readonly string[] =>
  ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];

/** The picture and its tools. */
export function Picture(props: PictureProps): JSX.Element {
  const { scene, selected, theme, fitTurn, opened, hint, layers, onTouched, onToggle, onSelect, onSelectMany, onFocus, onOpen } = props;
  const { groups } = scene.input;
  const host = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<Stage>();
  const [opening, setOpening] = useState<string>();
  // A movement of the camera is no change of state: only the minimap follows it.
  const moved = useRef<() => void>(() => undefined);
  const tip = useRef<MapTipActs>(NO_TIP);
  const side = useRef<HTMLDivElement>(null);
  const drawn = useRef<(scene: Scene) => void>(() => undefined);
  const acts = useRef(props);
  acts.current = props;

  useEffect(() => {
    const made = openStage(host.current!, {
      picked(what, isMany) {
        const { opened, onToggle, onSelect, onSelectMany } = acts.current;
        if (isMany && what?.kind === 'node') return onSelectMany(toggled(selectedIn(acts.current), what.id));
        const isClosed = what?.kind === 'group' && !opened.includes(what.id);
        setOpening(isClosed ? what.id : undefined);
        if (isClosed) onToggle(what.id);
        else onSelect(what);
      },
      opened: (what) => what.kind === 'node' && acts.current.onFocus(what.id),
      framed: (ids) => ids.length > 0 && acts.current.onSelectMany([...new Set([...selectedIn(acts.current), ...ids])]),
      // The only group stays open: closed, it would say nothing.
      wentFar: (groups) => acts.current.scene.input.groups.length > 1 && groups.forEach((group) => acts.current.onToggle(group)),
      cameClose: (group) => acts.current.opened.includes(group) || acts.current.onToggle(group),
      hovered: (what, x, y) => tip.current.hovered(what, x, y),
      drawn: (scene) => drawn.current(scene),
      moved() {
        moved.current();
        tip.current.moved();
      },
    });
    setStage(made);
    return () => made.close();
  }, []);
  useEffect(() => {
    if (!stage) return;
    const resize = new ResizeObserver(() =>
      stage.cover(cornerOf(side.current!.offsetWidth, side.current!.offsetHeight, host.current!.clientWidth)),
    );
    resize.observe(side.current!);
    return () => resize.disconnect();
  }, [stage]);
  useEffect(() => stage?.show(scene), [stage, scene]);
  useOpening(opening, drawn, (id) => {
    setOpening(undefined);
    onSelect({ kind: 'group', id });
  });
  useEffect(() => {
    if (!stage) return;
    return onTouched((touched) => {
      const { scene } = acts.current;
      for (const part of scene.parts) {
        const nodes = touched.get(part.id);
        if (nodes) stage.redraw(part, redraw(part, nodes, scene.input));
      }
    });
  }, [stage, onTouched]);
  useEffect(() => stage?.recolour(), [stage, theme]);
  useEffect(() => (fitTurn > 0 ? stage?.fit() : undefined), [stage, fitTurn]);
  const openKey = opened.join('\n');
  const fitted = useRef('');
  /** Whether everything should be seen after groups opened or closed, not only what opened last. */
  const wantsAll = useRef(false);
  useEffect(() => {
    // What was just opened comes into sight once it is laid out.
    const last = opened.at(-1);
    if (last === undefined) {
      fitted.current = '';
      if (!stage || !wantsAll.current || scene.input.open.size > 0) return;
      wantsAll.current = false;
      return stage.fit();
    }
    const place = placeOf(scene, last);
    if (!stage || !place || fitted.current === openKey || place.width < 1) return;
    const isLaidOut = scene.parts.some(({ id }) => id === last);
    if (!isLaidOut) return;
    fitted.current = openKey;
    stage.fit(wantsAll.current ? undefined : last);
    wantsAll.current = false;
  }, [stage, scene, openKey, opened]);

  /** The thing whose links the keys go through. */
  const linksOf = useRef<string>(undefined);
  const comeTo = (next: Picked): void => {
    const line = lineOf(scene, next.id);
    stage?.reveal(line ? middleOf(line) : placeOf(scene, next.id)!);
    tip.current.walked(next);
  };
  const keys = (event: KeyboardEvent): void => {
    if (HEADINGS.has(event.key)) {
      const next = walk(scene, selected?.id, event.key as Heading);
      if (next) {
        if (event.shiftKey && next.kind === 'node') onSelectMany([...new Set([...selectedIn(props), next.id])]);
        else onSelect(next);
        comeTo(next);
      }
    } else if (selected && (event.key === '.' || event.key === ',')) {
      const line = lineOf(scene, selected.id);
      if (!line) linksOf.current = selected.id;
      else if (linksOf.current !== line.to) linksOf.current = line.from;
      const next = nextLink(scene, linksOf.current!, selected.id, event.key === '.' ? 1 : -1);
      if (next) {
        onSelect(next);
        comeTo(next);
      }
    } else if (event.key === 'Enter' && selected?.kind === 'group') onToggle(selected.id);
    else if (event.key === 'Enter' && selected?.kind === 'node') onFocus(selected.id);
    else if (event.key === '+' || event.key === '=') stage?.zoom(1.3);
    else if (event.key === '-') stage?.zoom(1 / 1.3);
    else return;
    event.preventDefault();
  };
  const openAll = (groups: readonly string[]): void => {
    wantsAll.current = true;
    onOpen(groups);
  };
  // What changes while it is selected is not read aloud again and again.
  const isThere = selected && (selected.kind !== 'node' || placeOf(scene, selected.id) !== undefined);
  const words = useMemo(() => (selected ? wordsOf(scene, selected) : undefined), [selected?.id, isThere]);
  return (
    <>
      <div
        ref={host}
        className="stage"
        role="application"
        aria-roledescription="map"
        aria-label="Picture of the network. Arrow keys walk, with shift they select more; full stop and comma go through the links of what is selected; Enter opens and closes a group, and shows only what is around a thing; t shows the same as a table."
        tabIndex={0}
        onKeyDown={keys}
      />
      <p className="hidden-visually" aria-live="polite">
        {selected && words
          ? `${selected.kind} ${tipLine(words)} selected${props.also.length > 0 ? ` and ${props.also.length} more` : ''}`
          : ''}
      </p>
      {hint && <p className="map-hint small">{hint}</p>}
      <div className="map-tools" role="toolbar" aria-label="Picture">
        <Tool icon="plus" title="Closer" keyName="+" act={() => stage?.zoom(1.4)} />
        <Tool icon="minus" title="Further away" keyName="-" act={() => stage?.zoom(1 / 1.4)} />
        <Tool icon="fit" title="Fit everything" keyName="f" act={() => stage?.fit()} />
        <Tool
          icon="full"
          title="Full screen"
          act={() => void (document.fullscreenElement ? document.exitFullscreen() : host.current?.parentElement?.requestFullscreen())}
        />
        <Tool
          icon="openAll"
          title="Open every group"
          isOff={scene.input.open.size >= Math.min(groups.length, MOST_OPENED)}
          act={() => openAll(groups.slice(0, MOST_OPENED).map(({ id }) => id))}
        />
        <Tool icon="closeAll" title="Close every group" isOff={scene.input.open.size === 0 || groups.length < 2} act={() => openAll([])} />
        <button className="button" title="Save the picture as PNG" onClick={() => stage && savePng(scene, stage)}>
          PNG
        </button>
        <button className="button" title="Save the picture as SVG" onClick={() => stage && saveSvg(scene, stage.palette())}>
          SVG
        </button>
      </div>
      <div ref={side} className="map-side">
        <Legend scene={scene} layers={layers} />
        <Minimap scene={scene} stage={stage} moved={moved} theme={theme} />
      </div>
      <MapTip scene={scene} stage={stage} host={host} acts={tip} />
    </>
  );
}

interface ToolProps {
  readonly icon: IconName;
  readonly title: string;
  /** The key that does the same. */
  readonly keyName?: string;
  readonly isOff?: boolean;
  act(): void;
}

const Tool = ({ icon, title, keyName, isOff = false, act }: ToolProps): JSX.Element => (
  <button
    className="button is-icon"
    title={keyName === undefined ? title : `${title} (${keyName})`}
    aria-label={title}
    disabled={isOff}
    onClick={act}
  >
    <Icon name={icon} />
  </button>
);

/** Milliseconds after which a group that was pressed is shown as selected although it has not opened yet. */
const LONG_OPENING_MS = 300;

/**
 * Says when a group that was pressed is drawn, or takes long. Before that nothing else changes on the screen: without a graphics card each
 * change costs as much time as the answer takes that is waited for.
 */
function useOpening(opening: string | undefined, drawn: RefObject<(scene: Scene) => void>, done: (group: string) => void): void {
  const latest = useRef(done);
  latest.current = done;
  useEffect(() => {
    if (opening === undefined) return;
    let timer = setTimeout(() => latest.current(opening), LONG_OPENING_MS);
    drawn.current = ({ parts }) => {
      if (!parts.some(({ id }) => id === opening)) return;
      drawn.current = () => undefined;
      clearTimeout(timer);
      // The details come with the next frame.
      timer = setTimeout(() => latest.current(opening));
    };
    return () => {
      drawn.current = () => undefined;
      clearTimeout(timer);
    };
  }, [opening, drawn]);
}
