/// <reference lib="dom" />
import { openStage } from '../../../web/map/interact/stage.js';
import { buildScene } from '../../../web/map/scene/build.js';
import { redraw } from '../../../web/map/scene/inside.js';
import type { SceneInput } from '../../../web/map/scene/scene.js';
import { changedIn, makeNetwork } from './network.js';
import { UNMARKED } from '../../web/unmarked.js';

/** Our own renderer, as the map room uses it. */
const { groups, places, open } = makeNetwork();
const nothing = (): void => undefined;
const stage = openStage(document.getElementById('stage')!, {
  picked: nothing,
  opened: nothing,
  framed: nothing,
  wentFar: nothing,
  cameClose: nothing,
  hovered: nothing,
  moved: nothing,
  drawn: nothing,
});
const input: SceneInput = {
  groups: groups.map((group) => ({ ...group, title: group.label, counts: [], states: [], most: null })),
  links: [],
  places,
  open,
  ...UNMARKED,
};
const scene = buildScene(input);

Object.assign(window, {
  start: () => stage.show(scene),
  change(turn: number, count: number) {
    const changed = changedIn(turn, count);
    for (const part of scene.parts) {
      const nodes = changed.flatMap(({ group, node }) => (group === part.id ? node : []));
      if (nodes.length > 0) stage.redraw(part, redraw(part, nodes, input));
    }
  },
});
