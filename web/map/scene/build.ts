import { boundsOf, type Rectangle } from '../layout/placeGroups.js';
import { drawCard } from './cards.js';
import { buildInside } from './inside.js';
import { buildLines, buildSums } from './lines.js';
import type { Drawn, Label, LinePart, Scene, SceneInput, ScenePart, Span, Target, View } from './scene.js';

/** Makes shapes, lines and labels from elements. The same input is the same picture; of the one before, what is still right is taken over. */
export function buildScene(input: SceneInput, before?: Scene): Scene {
  const parts: ScenePart[] = [buildCards(input, (id) => !input.open.has(id))];
  const lines: LinePart[] = [];
  for (const group of input.groups) {
    const place = input.places.get(group.id);
    const open = input.open.get(group.id);
    if (place === undefined || open === undefined) continue;
    const { id } = group;
    parts.push(
      buildInside(
        group,
        place,
        open,
        input,
        before?.parts.find((part) => part.id === id),
      ),
    );
    lines.push(
      buildLines(
        id,
        open,
        input,
        before?.lines.find((part) => part.id === id),
      ),
    );
  }
  return {
    input,
    ...buildSums(input, (id) => !input.open.has(id)),
    parts,
    lines,
    far: { ...buildSums(input, () => true), parts: [buildCards(input, () => true)], lines: [] },
    bounds: boundsOf(input.places.values()),
  };
}

/** Groups as cards. There are few enough to draw them anew each time. */
function buildCards(input: SceneInput, isCard: (id: string) => boolean): ScenePart {
  const glyphs: Drawn[] = [];
  const labels: Label[] = [];
  const targets: Target[] = [];
  const places = new Map<string, Rectangle>();
  const spans = new Map<string, Span>();
  for (const group of input.groups) {
    const place = input.places.get(group.id);
    if (place === undefined || !isCard(group.id)) continue;
    places.set(group.id, place);
    spans.set(group.id, { areaAt: 0, glyphAt: glyphs.length, labelAt: labels.length });
    targets.push({ ...place, kind: 'group', id: group.id, group: group.id, isArea: true });
    drawCard(group, place, input, glyphs, labels);
  }
  const bounds = boundsOf(places.values());
  return { id: '', madeFrom: [], bounds, areas: [], glyphs, labels, targets, places, spans, near: undefined };
}

/** Where a thing is drawn, whichever group it is in. */
export function placeOf({ parts }: Pick<Scene, 'parts'>, id: string): Rectangle | undefined {
  for (const { places } of parts) {
    const place = places.get(id);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** How many things, and how many links, are drawn. */
export const targetsIn = ({ parts }: Scene): number => parts.reduce((sum, { targets }) => sum + targets.length, 0);
export const linesIn = ({ sums, lines }: View): number => lines.reduce((sum, part) => sum + part.lines.length, sums.length);
/** How many links those stand for. */
export const linksIn = ({ sums, lines }: View): number =>
  [sums, ...lines.map((part) => part.lines)].reduce((sum, list) => list.reduce((count, { bundled = 1 }) => count + bundled, sum), 0);
/** How many links carry traffic. */
export const movingIn = ({ sums, lines }: View): number =>
  lines.reduce((sum, { moving }) => sum + moving, sums.filter(({ flow }) => flow !== 0).length);
