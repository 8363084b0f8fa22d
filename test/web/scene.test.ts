import { describe, expect, it } from 'vitest';
import type { PictureEdge, PictureNode } from '../../web/data/elements.js';
import { linksOf } from '../../web/data/linksBetween.js';
import { reachedFrom } from '../../web/map/around.js';
import { pickAt } from '../../web/map/interact/pick.js';
import { nextLink, walk } from '../../web/map/interact/walk.js';
import type { Rectangle } from '../../web/map/layout/placeGroups.js';
import { CELL_WIDTH } from '../../web/map/layout/measures.js';
import { buildScene, linesIn, linksIn, placeOf, targetsIn } from '../../web/map/scene/build.js';
import { redraw } from '../../web/map/scene/inside.js';
import { arrowOf, pointOn } from '../../web/map/scene/lines.js';
import { NO_READINGS, scaleOf } from '../../web/map/scene/measures.js';
import { movedBetween, shiftsOf } from '../../web/map/scene/moves.js';
import { type OpenGroup, type SceneInput, viewAt } from '../../web/map/scene/scene.js';
import { treeRows } from '../../web/map/treeRows.js';
import { UNMARKED } from './unmarked.js';

const node = (id: string, state = 'UP'): PictureNode =>
  ({
    __typename: 'NetworkInterface',
    id,
    key: `${id}@${state}`,
    name: id,
    type: 'veth',
    kind: 'VETH',
    state,
    host: id[0],
    origin: '',
  }) as PictureNode;
const link = (sourceId: string, targetId: string): PictureEdge => {
  const id = `${sourceId}-${targetId}`;
  return { __typename: 'Edge', id, key: id, relationType: 'layer2', sourceId, targetId };
};
const byId = <Value extends { readonly id: string }>(...values: Value[]): Map<string, Value> =>
  new Map(values.map((value) => [value.id, value]));

const box = (y: number): Rectangle => ({ x: 12, y, width: CELL_WIDTH, height: 26 });
const openGroup = (nodes: Map<string, PictureNode>, edges: Map<string, PictureEdge>, own: readonly string[]): OpenGroup => ({
  nodes,
  edges,
  structure: 1,
  boxes: new Map(own.map((id, index) => [id, box(40 + index * 26)])),
  readings: NO_READINGS,
});

/** Groups a and b are open, c is closed; links lead from a to each of them. */
function inputOf(): SceneInput {
  const all = [node('a1'), node('a2'), node('b1'), node('c1')];
  const edges = [link('a1', 'a2'), link('a1', 'b1'), link('a2', 'c1')];
  const group = (id: string): SceneInput['groups'][number] => ({
    id,
    label: id,
    title: id,
    counts: [],
    states: [],
    most: null,
    x: 0,
    y: 0,
  });
  return {
    groups: [group('a'), group('b'), group('c')],
    links: [
      { a: 'a', b: 'b', count: 1, relationTypes: ['layer2'], abBitsPerSecond: 2e9, baBitsPerSecond: 1e6 },
      { a: 'b', b: 'c', count: 1, relationTypes: ['layer2'], abBitsPerSecond: null, baBitsPerSecond: null },
    ],
    places: new Map([
      ['a', { x: 0, y: 0, width: 164, height: 104 }],
      ['b', { x: 400, y: 0, width: 164, height: 80 }],
      ['c', { x: 800, y: 0, width: 224, height: 92 }],
    ]),
    open: new Map([
      ['a', openGroup(byId(...all), byId(...edges), ['a1', 'a2'])],
      ['b', openGroup(byId(all[0]!, all[2]!), byId(edges[1]!), ['b1'])],
    ]),
    ...UNMARKED,
  };
}

describe('the scene', () => {
  it('draws each link once, to the thing or to the closed group that it is in', () => {
    const scene = buildScene(inputOf());
    expect(scene.lines.flatMap(({ lines }) => lines.map(({ from, to }) => `${from} ${to}`))).toEqual(['a1 a2', 'a1 b1', 'a2 c']);
    expect(linesIn(scene)).toBe(3);
    expect(targetsIn(scene)).toBe(6);
    expect(placeOf(scene, 'b1')).toMatchObject({ x: 412, y: 40 });
  });

  it('is walked by keys: from link to link of a thing, and from a link to its ends', () => {
    const scene = buildScene(inputOf());
    const walked = ['a1-a2', 'a1-b1', undefined].map((selected) => nextLink(scene, 'a1', selected, 1));
    expect(walked).toEqual(['a1-b1', 'a1-a2', 'a1-a2'].map((id) => ({ kind: 'edge', id })));
    expect(nextLink(scene, 'a1', undefined, -1)).toEqual({ kind: 'edge', id: 'a1-b1' });
    expect(walk(scene, 'a1-b1', 'ArrowRight')).toEqual({ kind: 'node', id: 'b1' });
    expect(walk(scene, 'a1-b1', 'ArrowLeft')).toEqual({ kind: 'node', id: 'a1' });
  });

  it('is narrowed to what is around a thing along links, not to all that its owner owns', () => {
    const owns = (sourceId: string, targetId: string): PictureEdge => ({ ...link(sourceId, targetId), relationType: 'ownership' });
    const edges = [owns('host', 'a'), owns('host', 'b'), owns('host', 'other'), link('a', 'b'), link('c', 'b'), owns('c', 'd')];
    expect([...reachedFrom('a', 1, edges)]).toEqual(['a', 'b']);
    expect([...reachedFrom('a', 3, edges)]).toEqual(['a', 'b', 'c', 'd']);
    expect([...reachedFrom('host', 1, edges)]).toEqual(['host', 'a', 'b', 'other']);
  });

  it('takes over what is still right, and makes anew only what is not', () => {
    const input = inputOf();
    const before = buildScene(input);
    const same = buildScene({ ...input }, before);
    for (const index of [1, 2]) expect(same.parts[index]).toBe(before.parts[index]);
    expect(same.lines).toEqual(before.lines);
    const open = new Map(input.open).set('b', { ...input.open.get('b')!, boxes: new Map([['b1', box(66)]]) });
    const after = buildScene({ ...input, open }, before);
    expect(after.parts[1]).toBe(before.parts[1]);
    expect(after.parts[2]).not.toBe(before.parts[2]);
    // A link ends in what moved.
    expect(after.lines[0]).not.toBe(before.lines[0]);
    const selected = buildScene({ ...input, selected: 'a1' }, before);
    expect(selected.parts[1]).not.toBe(before.parts[1]);
  });

  it('changes the look of a node in its place', () => {
    const input = inputOf();
    const scene = buildScene(input);
    const [, part] = scene.parts;
    const others = [...part!.glyphs];
    const redrawn = redraw(part!, [node('a2', 'DOWN')], input);
    expect(redrawn).toMatchObject({ areas: [], labels: false });
    expect(redrawn.glyphs).toHaveLength(1);
    expect(part!.glyphs[redrawn.glyphs[0]!]).toMatchObject({ fill: 'down', pattern: 'hollowBar' });
    part!.glyphs.forEach((glyph, index) => expect(glyph === others[index]).toBe(index !== redrawn.glyphs[0]));
  });

  it('gives each kind a sign, and links their traffic: width, direction, and how many move', () => {
    const input = inputOf();
    const scene = buildScene(input);
    expect(scene.parts[1]!.glyphs.filter(({ icon }) => icon === 'veth')).toHaveLength(2);
    expect(scene.lines[0]).toMatchObject({ moving: 0 });
    const readings = new Map([['a1', { rx: 1e3, tx: 1e8, drops: 0, value: undefined }]]);
    const open = new Map(input.open).set('a', { ...input.open.get('a')!, readings });
    const after = buildScene({ ...input, open }, scene);
    expect(after.lines[0]).toMatchObject({ moving: 2 });
    const [before, moving] = [scene.lines[0]!.lines[0]!, after.lines[0]!.lines[0]!];
    expect(moving.width).toBeGreaterThan(before.width + 3);
    expect(moving.flow).toBeGreaterThan(0.5);
    expect(arrowOf(before)).toBeUndefined();
    // Down the column, from the first to the second.
    const [tip, left, right] = arrowOf(moving)!;
    expect(tip.y).toBeGreaterThan(Math.max(left.y, right.y));
    // Colours say the state: the shapes stay as they are.
    expect(after.parts[1]).toBe(scene.parts[1]);
    const scale = scaleOf({ name: 'rate', path: '' }, [])!;
    const coloured = buildScene({ ...input, open, scale }, after);
    expect(coloured.parts[1]!.glyphs.map(({ fill }) => fill)).toEqual(expect.arrayContaining(['heat4', 'unknown']));
  });

  it('draws many links of one kind between two groups as one, and those that are meant by themselves', () => {
    const input = inputOf();
    const many = Array.from({ length: 12 }, (_, index) => ({ ...link('a1', 'c1'), id: `many${index}` }));
    const open = new Map(input.open).set('a', { ...input.open.get('a')!, edges: byId(link('a1', 'a2'), link('a2', 'b1'), ...many) });
    const scene = buildScene({ ...input, open });
    const bundle = scene.lines[0]!.lines.find(({ bundled }) => bundled !== undefined)!;
    expect(bundle).toMatchObject({ from: 'a', to: 'c', bundled: 12 });
    // From the border of the one to that of the other.
    expect([bundle.x0, bundle.x1]).toEqual([164, 800]);
    expect(scene.lines[0]!.lines).toHaveLength(3);
    // And the one between the closed groups.
    expect(linksIn(scene)).toBe(15);
    expect(scene.lines[0]!.labels.map(({ text }) => text)).toEqual(['12 links']);
    // It is picked as a whole, says so, and is the same for who reads the address.
    const middle = pointOn(bundle, 0.5);
    const picked = pickAt(scene, middle.x, middle.y, 5)!;
    expect(picked).toEqual({ kind: 'links', id: bundle.id });
    expect(linksOf(picked.id)).toEqual({ layer: 'layer2', ends: 'groups', a: 'a', b: 'c' });
    const chosen = buildScene({ ...input, open, selected: picked.id });
    expect(chosen.lines[0]!.lines.filter(({ role }) => role === 'accent').map(({ id }) => id)).toEqual([bundle.id]);
    expect(treeRows(input.groups, open, ['a', 'b'], scene).filter(({ kind }) => kind === 'links')).toMatchObject([
      { id: bundle.id, level: 1, links: '12 links' },
    ]);
    const selected = buildScene({ ...input, open, selected: 'a1' });
    expect(selected.lines[0]!.lines.filter(({ role }) => role === 'accent')).toHaveLength(13);
    expect(selected.lines[0]!.lines.some(({ bundled }) => bundled !== undefined)).toBe(false);
  });

  it('gives closed groups the colour of the most that is measured in them', () => {
    const input = inputOf();
    const groups = input.groups.map((group) => ({ ...group, most: group.id === 'c' ? 5e8 : null }));
    const scene = buildScene({ ...input, open: new Map(), groups, scale: scaleOf({ name: 'rate', path: '' }, []) });
    expect(scene.parts[0]!.glyphs.filter(({ edge }) => edge === 'linkStrong').map(({ fill, pattern }) => [fill, pattern])).toEqual([
      ['unknown', 'none'],
      ['unknown', 'none'],
      ['heat4', 'solid'],
    ]);
    expect(scene.parts[0]!.labels.map(({ text }) => text)).toContain('500 Mb/s');
  });

  it('is cards and sums from far away, with what the traffic comes to', () => {
    const far = viewAt(buildScene(inputOf()), 0.1);
    expect(far.parts.flatMap(({ targets }) => targets.map(({ id }) => id))).toEqual(['a', 'b', 'c']);
    expect(far.lines).toEqual([]);
    expect(far.sums.map(({ flow }) => Math.sign(flow))).toEqual([1, 0]);
    expect(far.sumLabels.map(({ text }) => text)).toEqual(['2 Gb/s']);
  });

  it('says how far things moved, and nothing of what stayed', () => {
    const input = inputOf();
    const before = buildScene(input);
    expect(movedBetween(before, buildScene(input, before)).size).toBe(0);
    const places = new Map(input.places).set('b', { x: 500, y: 10, width: 164, height: 80 });
    const after = buildScene({ ...input, places }, before);
    const moved = movedBetween(before, after);
    expect([...moved.keys()].sort()).toEqual(['b', 'b1']);
    expect(moved.get('b1')).toEqual({ x: -100, y: -10 });
    expect([...shiftsOf(after.parts[2]!, 'glyphs', moved)!]).toEqual([-100, -10]);
    expect(shiftsOf(after.parts[1]!, 'glyphs', moved)).toBeUndefined();
  });
});
