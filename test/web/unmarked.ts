import type { SceneInput } from '../../web/map/scene/scene.js';

/** What a scene is built from while nothing is measured, looked for, selected or compared. */
export const UNMARKED: Omit<SceneInput, 'groups' | 'links' | 'places' | 'open'> = {
  groupOf: ({ host }) => host,
  showsLink: () => true,
  scale: undefined,
  found: undefined,
  foundIn: undefined,
  selected: undefined,
  lit: new Set(),
  marks: new Map(),
  marksIn: new Map(),
};
