import type { JSX } from 'react';

/** Nothing is watched: says so, and what to try. */
export const EmptyMap = ({ onProbes, isPast }: { onProbes(): void; readonly isPast: boolean }): JSX.Element => (
  <div className="empty">
    <h2>{isPast ? 'Nothing was known at this instant' : 'Nothing is watched yet'}</h2>
    <p>
      {isPast
        ? 'The history begins later, or nothing was watched then.'
        : 'An agent on a host shows its links and namespaces here. Start one with: canopy agent --analyzer ADDRESS. The status says which agents and probes there are, and what they lack.'}
    </p>
    <p>
      <button className="button" onClick={onProbes}>
        Agents and probes
      </button>
    </p>
  </div>
);
