import { type JSX, useMemo, useRef, useState } from 'react';
import type { PictureEdge, PictureNode } from '../data/elements.js';
import { Problem } from '../ui/Problem.js';
import { EmptyMap } from './EmptyMap.js';
import { filterAround, filterOfGroup, groupOf, type Grouping } from '../data/grouping.js';
import type { Picked } from './interact/pick.js';
import { placeGroups } from './layout/placeGroups.js';
import './map.css';
import { type Overview, useOverview } from './overview.js';
import { buildScene } from './scene/build.js';
import { shownBy } from './scene/layers.js';
import type { Group, Mark, OpenGroup, Scene, SceneInput } from './scene/scene.js';
import { Picture } from './Picture.js';
import { useReadings } from './readings.js';
import { isSameScale, type Measure, NO_READINGS, type Readings, type Scale, scaleOf } from './scene/measures.js';
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
  /** Ids of further nodes that are selected. */
  readonly also: readonly string[];
  readonly found: Found | undefined;
  readonly marks: Marks | undefined;
  readonly lit: ReadonlySet<string>;
  readonly layers: readonly string[] | undefined;
  /** What colours say. */
  readonly measure: Measure;
  readonly form: 'picture' | 'table';
  /** Changes when the theme does. */
  readonly theme: string;
  /** Counts requests to fit the picture into the screen. */
  readonly fitTurn: number;
  onOpen(open: readonly string[]): void;
  onSelect(selected: Picked | undefined): void;
  onSelectMany(ids: readonly string[]): void;
  /** Shows only what is around a node. */
  onFocus(id: string): void;
  onProbes(): void;
}

const NO_MARKS: Marks = { byId: new Map(), nodes: new Map(), edges: new Map(), all: [] };

/** The network: groups first, what they hold when they are opened; as a picture, or the same as a table. */
export function MapRoom(props: MapRoomProps): JSX.Element {
  const { grouping, focus, at, selected, found, layers, measure, form, onSelect, onOpen } = props;
  const marks = props.marks ?? NO_MARKS;
  const { overview: whole, failure } = useOverview(grouping, measure, at);
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
    isShown: (node) => shown.node(node as Parameters<typeof shown.node>[0]),
    isMeant: (node) => hidden === undefined || hidden.has(node.id),
    around: focus,
    ghosts: marks,
  });

  // Its name is known with what is around it.
  const centre = focus && opened.get(focusGroup(focus.id))?.picture.nodes.get(focus.id)?.name;
  const groups = useMemo(
    () => (overview?.groups ?? []).map((group) => (centre === undefined ? group : { ...group, title: `Around ${centre}` })),
    // Both say what the groups are.
    [whole, focus, centre],
  );

  const laidOut = [...opened].filter(([, { size }]) => size !== undefined).map(([id]) => id);
  const measured = useMemo(
    () =>
      new Map(laidOut.map((id) => [id, focus ? { id: [...opened.get(id)!.picture.nodes.keys()] } : filterOfGroup(grouping, id).nodes!])),
    // Around a thing the ids are the filter.
    [laidOut.join('\n'), focus, focus && opened, grouping],
  );
  const readings = useReadings(measured, at, measure.name === 'number' ? measure.path : undefined);
  const scale = useScale(measure, readings, whole?.groups);

  const held = useMemo((): ReadonlyMap<string, OpenGroup> => {
    const laidOut = new Map<string, OpenGroup>();
    for (const [id, { picture, boxes, size }] of opened) {
      if (size === undefined) continue;
      const { structure } = picture;
      const [nodes, edges] = [joined(picture.nodes, marks.nodes), joined(picture.edges, marks.edges)];
      laidOut.set(id, { nodes, edges, structure, boxes, readings: readings.get(id) ?? NO_READINGS });
    }
    return laidOut;
  }, [opened, marks, readings]);
  const lit = useMemo(() => (props.also.length === 0 ? props.lit : new Set([...props.lit, ...props.also])), [props.lit, props.also]);
  const sums = useMemo(() => sumMarks(marks, grouping), [marks, grouping]);
  const previous = useRef<Scene>(undefined);
  const scene = useMemo((): Scene | undefined => {
    if (!overview) return undefined;
    const seen = hidden ? groups.filter(({ id }) => found!.byGroup.has(id)) : groups;
    const input: SceneInput = {
      groups: seen,
      links: overview.links,
      places: placeGroups(seen, (id) => opened.get(id)?.size),
      open: held,
      groupOf: (node) => groupOfNode(node) ?? '',
      showsLink: shown.link,
      scale,
      found: found?.isHiding ? undefined : found?.ids,
      foundIn: found?.byGroup,
      selected: selected?.id,
      lit,
      marks: marks.byId,
      marksIn: sums,
    };
    return (previous.current = buildScene(input, previous.current));
  }, [whole, focus, groups, opened, held, marks, grouping, shown, found, hidden, scale, selected?.id, lit]);

  const now = useRef(open);
  now.current = open;
  const toggle = (id: string): void => {
    if (id === only && props.open.length === 0) setOnlyClosed(open.length > 0);
    // Several may close at once, before the address has come back.
    now.current = now.current.includes(id) ? now.current.filter((other) => other !== id) : [...now.current, id];
    onOpen(now.current);
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
          groups={groups}
          scene={scene}
          held={held}
          open={open}
          selected={selected}
          marks={marks.byId}
          found={found?.isHiding ? undefined : found}
          lit={lit}
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
          hint={at === undefined && !focus && !hidden && !layers ? hintOf(overview!.groups.length, scene) : undefined}
        />
      )}
      {!overview && !failed && <p className="empty">Reading the network…</p>}
    </section>
  );
}

/** The scale of the measure; the same object as long as its colours mean the same. */
function useScale(measure: Measure, readings: ReadonlyMap<string, Readings>, groups: readonly Group[] = []): Scale | undefined {
  const kept = useRef<Scale>(undefined);
  const scale = scaleOf(
    measure,
    readings.values(),
    groups.flatMap(({ most }) => most ?? []),
  );
  if (!isSameScale(kept.current, scale)) kept.current = scale;
  return kept.current;
}

const focusGroup = (id: string): string => `around:${id}`;

/** One group, with what is around a thing in it. */
const aroundOne = (id: string, { at }: Overview): Overview => ({
  at,
  groups: [{ id: focusGroup(id), label: '', title: 'Around it', counts: [], states: [], most: null, x: 0, y: 0 }],
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
