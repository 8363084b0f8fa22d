import { CARD_HEIGHT, CARD_WIDTH, PADDING } from '../layout/measures.js';
import type { Rectangle } from '../layout/placeGroups.js';
import { familyOfGroup } from '../../data/kinds.js';
import { DIMMED, HEAD_SIGN, headSign, RECTANGLE, ROLE_OF } from './looks.js';
import { heatOf, type Scale } from './measures.js';
import type { Drawn, Group, Label, Role, SceneInput } from './scene.js';
import { countsText } from './words.js';

/**
 * A group as a card: its name, counts and states, and what was found in it or happened to it. An open one that is seen from far away has
 * letters as large as its place allows.
 */
export function drawCard(group: Group, place: Rectangle, input: SceneInput, glyphs: Drawn[], labels: Label[]): void {
  const found = input.foundIn?.get(group.id) ?? 0;
  const opacity = input.foundIn !== undefined && found === 0 ? DIMMED : 1;
  const isSelected = input.selected === group.id;
  const k = Math.min(place.width / CARD_WIDTH, place.height / CARD_HEIGHT);
  glyphs.push({
    ...RECTANGLE,
    ...place,
    fill: 'card',
    edge: isSelected || input.lit.has(group.id) ? 'accent' : 'cardEdge',
    edgeWidth: isSelected ? 2 : 1,
    opacity,
  });
  const label = { x: place.x + PADDING * k, align: 'left', opacity, maxWidth: place.width - 2 * PADDING * k } as const;
  const icon = familyOfGroup(group.id);
  const indent = icon ? (HEAD_SIGN + 5) * k : 0;
  if (icon) glyphs.push(headSign(icon, label.x, place.y + 22 * k, opacity, HEAD_SIGN * k));
  // A note stands at the end of the same line.
  const room = label.maxWidth - (noteOf(group.id, found, input) ? 74 * k : 0);
  labels.push({
    ...label,
    indent,
    top: place.y,
    maxWidth: room,
    text: group.title,
    y: place.y + 22 * k,
    size: 14 * k,
    role: 'text',
    isStrong: true,
    isTitle: true,
  });
  labels.push({
    ...label,
    text: countsText(group.counts),
    y: place.y + 44 * k,
    size: 12 * k,
    role: 'muted',
    isStrong: false,
    isTitle: false,
  });
  if (input.scale) drawMost(group, input.scale, place, k, opacity, glyphs, labels);
  else drawStates(group, place, k, opacity, glyphs, labels);
  const note = noteOf(group.id, found, input);
  if (note)
    labels.push({
      ...label,
      ...note,
      x: place.x + place.width - PADDING * k,
      y: place.y + 22 * k,
      align: 'right',
      size: 12 * k,
      isStrong: true,
      isTitle: true,
      maxWidth: 74 * k,
    });
}

/** What was found in it, or what happened to it, in few characters. */
function noteOf(id: string, found: number, input: SceneInput): { readonly text: string; readonly role: Role } | undefined {
  const marks = input.marksIn.get(id);
  if (marks !== undefined) {
    const parts = [marks.added && `+${marks.added}`, marks.removed && `−${marks.removed}`, marks.changed && `Δ${marks.changed}`];
    const text = parts.filter(Boolean).join(' ');
    return text ? { text, role: marks.removed ? 'removed' : marks.added ? 'added' : 'changed' } : undefined;
  }
  return found > 0 ? { text: `${found} found`, role: 'accent' } : undefined;
}

/** A bar in the colour of the most that is measured in it, and beside it how much that is; without a colour where nothing is known. */
function drawMost({ most }: Group, scale: Scale, place: Rectangle, k: number, opacity: number, glyphs: Drawn[], labels: Label[]): void {
  const room = 84 * k;
  const y = place.y + place.height - 24 * k;
  const bar = { x: place.x + PADDING * k, y, width: place.width - 2 * PADDING * k - room, height: 10 * k, radius: 3 * k };
  const role = most === null ? 'unknown' : heatOf(scale.stepOf(most), scale);
  glyphs.push({ ...RECTANGLE, ...bar, edgeWidth: 1, fill: role, edge: 'linkStrong', pattern: most === null ? 'none' : 'solid', opacity });
  labels.push({
    text: most === null ? 'not known' : scale.format(most),
    x: place.x + place.width - PADDING * k,
    y: y + 5 * k,
    size: 12 * k,
    align: 'right',
    role: most === null ? 'muted' : 'text',
    isStrong: false,
    isTitle: false,
    maxWidth: room - 6 * k,
    opacity,
  });
}

/** A bar as long as there are things, in the colours of their states, and beside it how many are down. */
function drawStates(group: Group, place: Rectangle, k: number, opacity: number, glyphs: Drawn[], labels: Label[]): void {
  const total = group.states.reduce((sum, { count }) => sum + count, 0);
  const down = group.states.find(({ state }) => state === 'DOWN')?.count ?? 0;
  const width = place.width - (2 * PADDING + (down > 0 ? 64 : 0)) * k;
  let x = place.x + PADDING * k;
  const y = place.y + place.height - 22 * k;
  for (const state of ['UP', 'OTHER', 'UNKNOWN', 'DOWN']) {
    const count = group.states.find((entry) => entry.state === state)?.count ?? 0;
    if (count === 0) continue;
    const length = Math.max(3 * k, (width * count) / total);
    const role = ROLE_OF[state]!;
    const bar = { x, y, width: length - 1.5 * k, height: 6 * k, radius: 2 * k };
    glyphs.push({ ...RECTANGLE, ...bar, edgeWidth: 0, fill: role, edge: role, opacity });
    x += length;
  }
  if (down === 0) return;
  const text = { text: `${down} down`, size: 12 * k, maxWidth: 76 * k, role: 'down', opacity } as const;
  labels.push({ ...text, x: place.x + place.width - PADDING * k, y: y + 3 * k, align: 'right', isTitle: false, isStrong: false });
}
