import { type JSX, useState } from 'react';
import { Icon } from '../ui/Icon.js';
import { FAMILY_NAMES, type Family, type Shape, shapeOf } from '../data/kinds.js';
import { linksIn, targetsIn } from './scene/build.js';
import { ICONS } from './scene/icons.js';
import { heatOf, type Scale } from './scene/measures.js';
import type { Scene } from './scene/scene.js';

const FAMILIES: readonly Family[] = ['port', 'bond', 'bridge', 'vlan', 'veth', 'tunnel', 'tap', 'workload', 'loopback', 'other'];

/** Window in CSS pixels below which the scale is folded until somebody asks for it. */
const NARROW = 720;

/** Outlines of a square of 14. */
const OUTLINES: Readonly<Record<Shape, string>> = {
  square: 'M2 2h10v10H2z',
  circle: 'M7 1.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11',
  diamond: 'm7 1 6 6-6 6-6-6z',
  hexagon: 'M4 2h6l3 5-3 5H4L1 7z',
  triangle: 'm7 2 6 10H1z',
};

const Glyph = ({ family }: { readonly family: Family }): JSX.Element => (
  <svg width="18" height="18" viewBox="0 0 14 14" aria-hidden="true">
    <path d={OUTLINES[shapeOf(family)]} fill="var(--map-up)" />
    {family !== 'other' && <path className="legend-sign" d={ICONS[family]} transform={SIGN_PLACES[shapeOf(family)]} />}
  </svg>
);

/** A sign is a square of 16 that has less room in some shapes. */
const SIGN_PLACES: Readonly<Record<Shape, string>> = {
  square: 'translate(2 2) scale(.62)',
  circle: 'translate(2.2 2.2) scale(.6)',
  diamond: 'translate(2.8 2.8) scale(.52)',
  hexagon: 'translate(2 2) scale(.62)',
  triangle: 'translate(3.4 5) scale(.45)',
};

/** Which colour is how much; stands beside the picture as long as colours say something else than the state. */
function ScaleKey({ scale, scene }: { readonly scale: Scale; readonly scene: Scene }): JSX.Element {
  // On a phone it would cover a half of the picture.
  const [isOpen, setOpen] = useState(() => innerWidth >= NARROW);
  const counts = scale.steps.map(() => 0);
  let without = 0;
  const count = (value: number | undefined): void => {
    if (value === undefined) without += 1;
    else counts[scale.stepOf(value)]! += 1;
  };
  for (const { nodes, boxes, readings } of scene.input.open.values())
    for (const id of boxes.keys()) {
      const [node, reading] = [nodes.get(id), readings.get(id)];
      const value = node && reading && scale.valueOf(node, reading);
      count(value);
    }
  const closed = scene.input.groups.filter(({ id }) => !scene.input.open.has(id));
  for (const { most } of closed) count(most ?? undefined);
  return (
    <section className="scale small" aria-label={`Colours: ${scale.title}`}>
      <h3>
        <button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {scale.title || 'No path is given'}
          <Icon name="chevron" />
        </button>
      </h3>
      <ol className="scale-ramp" hidden={isOpen} aria-hidden="true">
        {scale.steps.map((step, index) => (
          <li key={step} className="scale-colour" style={{ background: `var(--map-${heatOf(index, scale)})` }} />
        ))}
      </ol>
      <ol hidden={!isOpen}>
        {scale.steps.map((step, index) => (
          <li key={step}>
            <span className="scale-colour" style={{ background: `var(--map-${heatOf(index, scale)})` }} />
            <span>{step}</span>
            <span className="muted">{counts[index]}</span>
          </li>
        ))}
        <li>
          <span className="scale-colour is-none" />
          <span>not known</span>
          <span className="muted">{without}</span>
        </li>
      </ol>
      {isOpen && closed.length > 0 && <p className="muted">A closed group has the colour of the most in it.</p>}
    </section>
  );
}

/** What shapes, colours and lines mean. */
export function Legend({ scene, layers }: { readonly scene: Scene; readonly layers: readonly string[] | undefined }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      {scene.input.scale && <ScaleKey scale={scene.input.scale} scene={scene} />}
      {isOpen && (
        <div className="legend-body small">
          <ul>
            {FAMILIES.map((family) => (
              <li key={family}>
                <Glyph family={family} />
                {FAMILY_NAMES[family]}
              </li>
            ))}
          </ul>
          <ul>
            <li>
              <svg width="14" height="14" aria-hidden="true">
                <path d={OUTLINES.circle} fill="var(--map-up)" />
              </svg>
              Up
            </li>
            <li>
              <svg width="14" height="14" aria-hidden="true">
                <path d={`${OUTLINES.circle}M3 7h8`} fill="none" stroke="var(--map-down)" strokeWidth="1.6" />
              </svg>
              Down: hollow with a bar
            </li>
            <li>
              <svg width="14" height="14" aria-hidden="true">
                <path d={OUTLINES.circle} fill="none" stroke="var(--map-unknown)" strokeWidth="1.6" strokeDasharray="2 2" />
              </svg>
              Unknown: dotted
            </li>
            <li>
              <svg width="14" height="14" aria-hidden="true">
                <path d="M2 7a5 5 0 0 0 10 0z" fill="var(--map-other)" />
              </svg>
              Another state
            </li>
            <li>
              <svg width="24" height="14" aria-hidden="true">
                <path d="M1 7h22" stroke="var(--map-link-strong)" strokeWidth="2" />
              </svg>
              Layer 2
            </li>
            <li>
              <svg width="24" height="14" aria-hidden="true">
                <path d="M1 5h22M1 9h22" stroke="var(--map-link-strong)" strokeWidth="1.4" />
              </svg>
              Overlay
            </li>
            <li>
              <svg width="24" height="14" aria-hidden="true">
                <path d="M1 7h22" stroke="var(--map-link-strong)" strokeWidth="2" strokeDasharray="5 4" />
              </svg>
              Layer 3
            </li>
            <li>
              <svg width="24" height="14" aria-hidden="true">
                <path d="M1 4h22" stroke="var(--map-link-strong)" strokeWidth="1" />
                <path d="M1 10h22" stroke="var(--map-link-strong)" strokeWidth="4" />
              </svg>
              Wider: more traffic
            </li>
            <li>
              <svg width="24" height="14" aria-hidden="true">
                <path d="M1 7h22" stroke="var(--map-link-strong)" strokeWidth="5" strokeOpacity=".55" />
              </svg>
              Bundle: links of one kind, with their number
            </li>
            <li>
              <svg width="24" height="14" aria-hidden="true">
                <path d="M1 7h22" stroke="var(--map-link-strong)" strokeWidth="3" />
                <path d="m10 2 7 5-7 5z" fill="var(--map-link-strong)" />
              </svg>
              Most of it goes this way
            </li>
          </ul>
          <p className="muted">
            {targetsIn(scene)} things, {linksIn(scene)} links{layers ? '; some layers are off' : ''}
          </p>
        </div>
      )}
      <button className="button small legend-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Legend
      </button>
    </>
  );
}
