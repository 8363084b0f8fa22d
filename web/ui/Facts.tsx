import type { JSX } from 'react';
import './facts.css';

/** Names and values; what is not known is left out. */
export const Facts = ({
  facts,
}: {
  readonly facts: readonly (readonly [string, JSX.Element | string | number | null | undefined])[];
}): JSX.Element => (
  <dl className="facts">
    {facts
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);
