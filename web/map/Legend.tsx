import { type JSX, useState } from 'react';
import { FAMILY_NAMES, type Family, type Shape, shapeOf } from './scene/kinds.js';
import { linesIn, targetsIn } from './scene/build.js';
import type { Scene } from './scene/scene.js';

const FAMILIES: readonly Family[] = ['port', 'bond', 'bridge', 'vlan', 'veth', 'tunnel', 'tap', 'workload', 'loopback', 'other'];

const OUTLINES: Readonly<Record<Shape, string>> = {
  square: 'M2 2h10v10H2z',
  circle: 'M7 1.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11',
  diamond: 'm7 1 6 6-6 6-6-6z',
  hexagon: 'M4 2h6l3 5-3 5H4L1 7z',
  triangle: 'm7 2 6 10H1z',
};

/** What shapes, colours and lines mean. */
export function Legend({ scene, layers }: { readonly scene: Scene; readonly layers: readonly string[] | undefined }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="legend">
      <button className="button is-plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        Legend
      </button>
      {isOpen && (
        <div className="legend-body small">
          <ul>
            {FAMILIES.map((family) => (
              <li key={family}>
                <svg width="14" height="14" aria-hidden="true">
                  <path d={OUTLINES[shapeOf(family)]} fill="var(--map-up)" />
                </svg>
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
          </ul>
          <p className="muted">
            {targetsIn(scene)} things, {linesIn(scene)} links drawn{layers ? '; some layers are off' : ''}
          </p>
        </div>
      )}
    </div>
  );
}
