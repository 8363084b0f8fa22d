import { type JSX, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { PictureEdge, PictureNode } from '../data/elements.js';
import { Icon } from '../ui/Icon.js';
import { Problem } from '../ui/Problem.js';
import { EmptyMap } from './EmptyMap.js';
import { filterAround, filterOfGroup, groupOf, type Grouping } from '../data/grouping.js';
import type { Picked } from './interact/pick.js';
import { openStage, type Stage } from './interact/stage.js';
import { type Heading, walk } from './interact/walk.js';
import { placeGroups } from './layout/placeGroups.js';
import { Legend } from './Legend.js';
import './map.css';
import { Minimap } from './Minimap.js';
import { type Overview, useOverview } from './overview.js';
import { savePng, saveSvg } from './savePicture.js';
import type { OpenGroups } from './openGroups.js';
import { buildScene, placeOf } from './scene/build.js';
import { redraw } from './scene/inside.js';
import { shownBy } from './scene/layers.js';
import type { Mark, OpenGroup, Scene, SceneInput } from './scene/scene.js';
import { TreeTable } from './TreeTable.js';
import { useOpenGroups } from './useOpenGroups.js';

/** What happened between two moments, by id. */
export interface Marks {
  readonly byId: ReadonlyMap<string, Mark>;
  /** What is not there any more, to be drawn as it was. */
  readonly nodes: ReadonlyMap<string, PictureNode>;
  readonly edges: ReadonlyMap<string, PictureEdge>;
  /** Everything that is marked, also what is still there. */
  readonly all: readonly { readonly node: PictureNode; readonly mark: Mark }[];
}

export interface Found {
  readonly ids: ReadonlySet<string>;
  readonly byGroup: ReadonlyMap<string, number>;
  readonly isHiding: boolean;
}

export interface MapRoomProps {
  readonly grouping: Grouping;
  /** Only what is around this thing is shown. */
  readonly focus: { readonly id: string; readonly hops: number } | undefined;
  readonly at: string | undefined;
  readonly open: readonly string[];
  readonly selected: Picked | undefined;
  readonly found: Found | undefined;
  readonly marks: Marks | undefined;
  readonly lit: ReadonlySet<string>;
  readonly layers: readonly string[] | undefined;
  readonly form: 'picture' | 'table';
  /** Changes when the theme does. */
  readonly theme: string;
  /** Counts requests to fit the picture into the screen. */
  readonly fitTurn: number;
  onOpen(open: readonly string[]): void;
  onSelect(selected: Picked | undefined): void;
  onProbes(): void;
}

const NO_MARKS: Marks = { byId: new Map(), nodes: new Map(), edges: new Map(), all: [] };

/** The network: groups first, what they hold when they are opened; as a picture, or the same as a table. */
export function MapRoom(props: MapRoomProps): JSX.Element {
  const { grouping, focus, at, selected, found, layers, form, onSelect, onOpen } = props;
  const marks = props.marks ?? NO_MARKS;
  const { overview: whole, failure } = useOverview(grouping, at);
  const overview = focus && whole ? aroundOne(focus.id, whole) : whole;
  const [isOnlyClosed, setOnlyClosed] = useState(false);
  const only = overview?.groups.length === 1 ? overview.groups[0]!.id : undefined;
  // One group alone says nothing while it is closed.
  const open = only !== undefined && (focus !== undefined || (props.open.length === 0 && !isOnlyClosed)) ? [only] : props.open;

  const shown = useMemo(() => shownBy(layers), [layers]);
  const hidden = found?.isHiding ? found.ids : undefined;
  const groupOfNode = (node: PictureNode): string | undefined => (focus ? focusGroup(focus.id) : groupOf(grouping, node));
  const wanted = useMemo(
    () => new Map(open.map((id) => [id, focus ? filterAround(focus.id, focus.hops) : filterOfGroup(grouping, id)])),
    // The ids say what the list holds.
    [open.join('\n'), focus, grouping],
  );
  const { opened, onTouched } = useOpenGroups(wanted, at, {
    key: JSON.stringify([layers, grouping, focus, hidden && [...hidden], [...marks.nodes.keys()]]),
    isInside: (node, group) =>
      (groupOfNode(node) ?? group) === group && (focus !== undefined || grouping.by !== 'HOST' || node.type !== 'host'),
    isShown: (node) =>
      shown.node(node as Parameters<typeof shown.node>[0]) && (hidden === undefined || hidden.has(node.id) || node.type === 'netns'),
    ghosts: marks,
  });

  const held = useMemo((): ReadonlyMap<string, OpenGroup> => {
    const laidOut = new Map<string, OpenGroup>();
    for (const [id, { picture, boxes, size }] of opened) {
      if (size === undefined) continue;
      const { structure } = picture;
      laidOut.set(id, { nodes: joined(picture.nodes, marks.nodes), edges: joined(picture.edges, marks.edges), structure, boxes });
    }
    return laidOut;
  }, [opened, marks]);
  const sums = useMemo(() => sumMarks(marks, grouping), [marks, grouping]);
  const previous = useRef<Scene>(undefined);
  const scene = useMemo((): Scene | undefined => {
    if (!overview) return undefined;
    const groups = hidden ? overview.groups.filter(({ id }) => found!.byGroup.has(id)) : overview.groups;
    const input: SceneInput = {
      groups,
      links: overview.links,
      places: placeGroups(groups, (id) => opened.get(id)?.size),
      open: held,
      groupOf: (node) => groupOfNode(node) ?? '',
      showsLink: shown.link,
      found: found?.isHiding ? undefined : found?.ids,
      foundIn: found?.byGroup,
      selected: selected?.id,
      lit: props.lit,
      marks: marks.byId,
      marksIn: sums,
    };
    return (previous.current = buildScene(input, previous.current));
  }, [whole, focus, opened, held, marks, grouping, shown, found, hidden, selected?.id, props.lit]);

  const toggle = (id: string): void => {
    if (id === only && props.open.length === 0) setOnlyClosed(open.length > 0);
    if (open.includes(id)) onOpen(open.filter((other) => other !== id));
    else onOpen([...open, id]);
  };
  const failed = failure ?? [...opened.values()].find((group) => group.failure)?.failure;
  const isCut = [...opened.values()].some(({ picture }) => picture.isCut);

  return (
    <section className="map" aria-label="Map of the network">
      <div className="map-notices">
        <Problem message={failed?.message} />
        {isCut && <p className="notice">Not everything is shown: an open group has more than 5,000 elements at this instant.</p>}
      </div>
      {overview && overview.groups.length === 0 && <EmptyMap onProbes={props.onProbes} isPast={at !== undefined} />}
      {scene && form === 'table' && overview && (
        <TreeTable
          groups={overview.groups}
          held={held}
          open={open}
          selected={selected}
          marks={marks.byId}
          onTouched={onTouched}
          onToggle={toggle}
          onSelect={onSelect}
        />
      )}
      {scene && form === 'picture' && scene.input.groups.length > 0 && (
        <Picture
          {...props}
          scene={scene}
          opened={open}
          onTouched={onTouched}
          onToggle={toggle}
          hint={hintOf(overview!.groups.length, scene)}
        />
      )}
      {!overview && !failed && <p className="empty">Reading the network…</p>}
    </section>
  );
}

const focusGroup = (id: string): string => `around:${id}`;

/** One group, with what is around a thing in it. */
const aroundOne = (id: string, { at }: Overview): Overview => ({
  at,
  groups: [{ id: focusGroup(id), label: '', title: 'Around it', counts: [], states: [], x: 0, y: 0 }],
  links: [],
});

const joined = <Value,>(here: ReadonlyMap<string, Value>, gone: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
  gone.size === 0 ? here : new Map([...gone, ...here]);

function sumMarks({ all }: Marks, grouping: Grouping): ReadonlyMap<string, Readonly<Record<Mark, number>>> {
  const sums = new Map<string, Record<Mark, number>>();
  for (const { node, mark } of all) {
    const group = groupOf(grouping, node);
    if (group === undefined) continue;
    let sum = sums.get(group);
    if (sum === undefined) sums.set(group, (sum = { added: 0, removed: 0, changed: 0 }));
    sum[mark] += 1;
  }
  return sums;
}

/** A network of few things gets one thing to try. */
const hintOf = (groups: number, { parts }: Scene): string | undefined =>
  groups === 1 && !parts.some(({ targets }) => targets.some(({ isArea, kind }) => kind === 'node' && isArea))
    ? 'Quiet here. Try in a terminal: ip netns add demo'
    : undefined;

const HEADINGS: ReadonlySet<string> = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']);

interface PictureProps extends MapRoomProps {
  readonly scene: Scene;
  readonly opened: readonly string[];
  readonly hint: string | undefined;
  onTouched: OpenGroups['onTouched'];
  onToggle(group: string): void;
}

function Picture({ scene, selected, theme, fitTurn, opened, hint, layers, onTouched, onToggle, onSelect }: PictureProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<Stage>();
  // A movement of the camera is no change of state: only the minimap follows it.
  const moved = useRef<() => void>(() => undefined);
  const acts = useRef({ onToggle, onSelect, opened, scene });
  acts.current = { onToggle, onSelect, opened, scene };

  useEffect(() => {
    const made = openStage(host.current!, {
      picked(what) {
        const { opened, onToggle, onSelect } = acts.current;
        onSelect(what);
        if (what?.kind === 'group' && !opened.includes(what.id)) onToggle(what.id);
      },
      opened: () => undefined,
      cameClose: (group) => acts.current.opened.includes(group) || acts.current.onToggle(group),
      hovered: () => undefined,
      moved: () => moved.current(),
    });
    setStage(made);
    return () => made.close();
  }, []);
  useEffect(() => stage?.show(scene), [stage, scene]);
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
  useEffect(() => {
    // What was just opened comes into sight once it is laid out.
    const last = opened.at(-1);
    const place = last === undefined ? undefined : placeOf(scene, last);
    if (!stage || !place || fitted.current === openKey || place.width < 1) return;
    const isLaidOut = scene.parts.some(({ id }) => id === last);
    if (!isLaidOut) return;
    fitted.current = openKey;
    stage.fit(place);
  }, [stage, scene, openKey, opened]);

  const keys = (event: KeyboardEvent): void => {
    if (HEADINGS.has(event.key)) {
      const next = walk(scene, selected?.id, event.key as Heading, linkedTo(scene, selected?.id));
      if (next) {
        onSelect(next);
        stage?.reveal(placeOf(scene, next.id)!);
      }
    } else if (event.key === 'Enter' && selected?.kind === 'group') onToggle(selected.id);
    else if (event.key === '+' || event.key === '=') stage?.zoom(1.3);
    else if (event.key === '-') stage?.zoom(1 / 1.3);
    else return;
    event.preventDefault();
  };
  const name = selected && nameOf(scene, selected.id);
  return (
    <>
      <div
        ref={host}
        className="stage"
        role="application"
        aria-roledescription="map"
        aria-label="Picture of the network. Arrow keys walk, Enter opens and closes a group, t shows the same as a table."
        tabIndex={0}
        onKeyDown={keys}
      />
      <p className="hidden-visually" aria-live="polite">
        {selected && name ? `${selected.kind} ${name} selected` : ''}
      </p>
      {hint && <p className="map-hint small">{hint}</p>}
      <div className="map-tools" role="toolbar" aria-label="Picture">
        <button className="button is-icon" title="Closer (+)" aria-label="Closer" onClick={() => stage?.zoom(1.4)}>
          <Icon name="plus" />
        </button>
        <button className="button is-icon" title="Further away (-)" aria-label="Further away" onClick={() => stage?.zoom(1 / 1.4)}>
          <Icon name="minus" />
        </button>
        <button className="button is-icon" title="Fit everything (f)" aria-label="Fit everything" onClick={() => stage?.fit()}>
          <Icon name="fit" />
        </button>
        <button
          className="button is-icon"
          title="Full screen"
          aria-label="Full screen"
          onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : host.current?.parentElement?.requestFullscreen())}
        >
          <Icon name="full" />
        </button>
        <button className="button" title="Save the picture as PNG" onClick={() => stage && savePng(scene, stage)}>
          PNG
        </button>
        <button className="button" title="Save the picture as SVG" onClick={() => stage && saveSvg(scene, stage.palette())}>
          SVG
        </button>
      </div>
      <Legend scene={scene} layers={layers} />
      <Minimap scene={scene} stage={stage} moved={moved} theme={theme} />
    </>
  );
}

function linkedTo({ sums, lines }: Scene, id: string | undefined): ReadonlySet<string> {
  const linked = new Set<string>();
  if (id !== undefined)
    for (const { from, to } of [...sums, ...lines.flatMap((part) => part.lines)])
      if (from === id) linked.add(to);
      else if (to === id) linked.add(from);
  return linked;
}

function nameOf({ input }: Scene, id: string): string | undefined {
  for (const { nodes } of input.open.values()) if (nodes.has(id)) return nodes.get(id)!.name;
  return input.groups.find((group) => group.id === id)?.title;
}
