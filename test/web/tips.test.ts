import { describe, expect, it } from 'vitest';
import type { PictureEdge, PictureNode } from '../../web/data/elements.js';
import { pickAt } from '../../web/map/interact/pick.js';
import { CARD_HEIGHT, CARD_WIDTH, CELL_WIDTH } from '../../web/map/layout/measures.js';
import { fitTo } from '../../web/map/render/camera.js';
import { buildScene } from '../../web/map/scene/build.js';
import type { SceneInput } from '../../web/map/scene/scene.js';
import { wordsOf } from '../../web/map/scene/tips.js';
import { tipLine } from '../../web/ui/Tip.js';
import { UNMARKED } from './unmarked.js';

const node = (id: string, more: object = {}): PictureNode =>
  ({
    __typename: 'NetworkInterface',
    id,
    key: id,
    name: id,
    type: 'veth',
    kind: 'VETH',
    state: 'UP',
    host: 'web-1',
    origin: '',
    ...more,
  }) as PictureNode;
const edge = (relationType: string, sourceId: string, targetId: string): PictureEdge => {
  const id = `${relationType} ${sourceId}-${targetId}`;
  return { __typename: 'Edge', id, key: id, relationType, sourceId, targetId };
};

const WORDS = (state: string) => ({ state, count: 2 });
/** An open host with two interfaces and a link, and a closed one to the right of it. */
const INPUT: SceneInput = {
  groups: ['host:web-1', 'host:web-2'].map((id) => ({
    id,
    label: id,
    title: id.slice('host:'.length),
    counts: [{ type: 'netns', count: 3 }],
    states: [WORDS('UP'), WORDS('DOWN')],
    most: null,
    x: 0,
    y: 0,
  })),
  links: [{ a: 'host:web-1', b: 'host:web-2', count: 4, relationTypes: ['layer2'], abBitsPerSecond: 2e9, baBitsPerSecond: 1e6 }],
  places: new Map([
    ['host:web-1', { x: 0, y: 0, width: 400, height: 200 }],
    ['host:web-2', { x: 600, y: 0, width: CARD_WIDTH, height: CARD_HEIGHT }],
  ]),
  open: new Map([
    [
      'host:web-1',
      {
        nodes: new Map([
          ['h', node('h', { type: 'host', kind: null })],
          ['a', node('a', { addresses: ['10.0.0.1/24', 'fe80::1/64', 'fe80::2/64'] })],
          ['b', node('b', { state: 'DOWN' })],
        ]),
        edges: new Map([edge('ownership', 'h', 'a'), edge('layer2', 'a', 'b')].map((link) => [link.id, link])),
        structure: 1,
        boxes: new Map([
          ['a', { x: 12, y: 40, width: CELL_WIDTH, height: 26 }],
          ['b', { x: 12, y: 160, width: CELL_WIDTH, height: 26 }],
        ]),
        readings: new Map([['a', { rx: 1_500, tx: 250, drops: 0, value: undefined }]]),
      },
    ],
  ]),
  ...UNMARKED,
  groupOf: () => 'host:web-1',
  marks: new Map([['b', 'changed']]),
};

describe('what is told of the picture', () => {
  const said = (...asked: Parameters<typeof wordsOf>) => {
    const words = wordsOf(...asked);
    return words && tipLine(words);
  };

  it('names an interface, its kind, state, owner, addresses and rates', () => {
    expect(said(buildScene(INPUT), { kind: 'node', id: 'a' })).toBe(
      'a, Virtual pair; State up; Owner h on web-1; Address 10.0.0.1/24, fe80::1/64 and 1 more; Received 1.5 kb/s; Sent 250 b/s',
    );
    expect(said(buildScene(INPUT), { kind: 'node', id: 'b' })).toBe('b, Virtual pair; State down; Since then changed; Owner web-1');
  });

  it('names a link and what moves each way, and nothing of what is not there', () => {
    expect(said(buildScene(INPUT), { kind: 'edge', id: 'layer2 a-b' })).toBe(
      'a – b, link of layer 2; State a up, b down; Hosts web-1; To b 250 b/s; To a 1.5 kb/s',
    );
    expect(said(buildScene(INPUT), { kind: 'edge', id: 'gone' })).toBeUndefined();
  });

  it('sums up a group, and the links between two', () => {
    expect(said(buildScene(INPUT), { kind: 'group', id: 'host:web-2' })).toBe(
      'web-2, host; State 2 up, 2 down; Holds 3 namespaces; To others 2 Gb/s',
    );
    const closed = buildScene({ ...INPUT, open: new Map() });
    const picked = pickAt(closed, 500, 90, 60)!;
    expect(picked.kind).toBe('links');
    expect(said(closed, picked)).toBe('web-1 – web-2, 4 links; Kinds layer2; To web-2 2 Gb/s; To web-1 1 Mb/s');
  });
});

describe('a picture that is fitted into the screen', () => {
  const screen = { width: 1_000, height: 700 };
  const wide = { x: 0, y: 0, width: 2_000, height: 1_200 };
  const edges = (place: typeof wide, corner: { width: number; height: number } | undefined) => {
    const camera = fitTo(place, { ...screen, corner });
    return {
      right: (place.width - camera.x) * camera.scale + screen.width / 2,
      bottom: (place.height - camera.y) * camera.scale + screen.height / 2,
      left: -camera.x * camera.scale + screen.width / 2,
    };
  };

  it('keeps out of a corner that is covered, and only then', () => {
    for (const corner of [
      { width: 184, height: 160 },
      { width: 300, height: 500 },
      { width: 450, height: 40 },
    ]) {
      const { right, bottom, left } = edges(wide, corner);
      expect(right <= screen.width - corner.width || bottom <= screen.height - corner.height).toBe(true);
      expect(left).toBeGreaterThan(0);
    }
    const small = { x: 0, y: 0, width: 300, height: 200 };
    expect(edges(small, { width: 184, height: 160 })).toEqual(edges(small, undefined));
  });
});
