import { type JSX, type ReactNode, useLayoutEffect, useRef } from 'react';
import './tip.css';
import type { Near } from './useTip.js';

/** What a tip says: nothing that stands nowhere else. */
export interface TipWords {
  readonly title: string;
  /** What kind of thing it is. */
  readonly kind?: string | undefined;
  /** Names and values; what is not known is left out. */
  readonly facts: readonly (readonly [string, string | null | undefined])[];
}

/** The words of a tip in one line, for who hears them. */
export const tipLine = ({ title, kind, facts }: TipWords): string =>
  [[title, kind].filter(Boolean).join(', '), ...facts.filter(([, value]) => value).map(([name, value]) => `${name} ${value}`)].join('; ');

interface TipProps {
  readonly words: TipWords;
  readonly near: Near;
  onHold?(isHeld: boolean): void;
  readonly children?: ReactNode;
}

/** Pixels between a thing and what is told about it, and between that and the window's border. */
const GAP = 8;

/** Words above a thing, below it where that is too near to the border; never over it, so never under the pointer. */
export function Tip({ words: { title, kind, facts }, near, onHold, children }: TipProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { offsetWidth: width, offsetHeight: height, style } = box.current!;
    const isBelow = near.top - height - GAP < GAP;
    const top = isBelow ? Math.min(near.bottom + GAP, innerHeight - height - GAP) : near.top - height - GAP;
    // Where it fits neither above nor below it stands beside.
    const isBeside = isBelow && near.bottom + GAP + height > innerHeight - GAP;
    const beside = near.right + GAP + width < innerWidth ? near.right + GAP : near.left - GAP - width;
    const left = isBeside ? beside : (near.left + near.right - width) / 2;
    style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`;
    style.top = `${Math.max(GAP, top)}px`;
    style.visibility = 'visible';
  });
  return (
    <div
      ref={box}
      className="tip small"
      role="tooltip"
      onPointerEnter={() => onHold?.(true)}
      onPointerLeave={() => onHold?.(false)}
      onPointerDown={(event) => event.stopPropagation()}
    >
      <p className="tip-title">
        <strong dir="auto">{title}</strong>
        {kind && <span className="muted">{kind}</span>}
      </p>
      <dl>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt className="muted">{name}</dt>
              <dd dir="auto">{value}</dd>
            </div>
          ))}
      </dl>
      {children}
    </div>
  );
}
