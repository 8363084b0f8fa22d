import { type JSX, type ReactNode, useState } from 'react';
import { Icon } from '../ui/Icon.js';

/** About one node at one instant, read again when the turn changes. */
export interface SectionProps {
  readonly id: string;
  readonly at: string | undefined;
  readonly turn: number;
}

/** A part of the details whose content exists, and is asked for, only while it is open. */
export function Section({
  title,
  isOpen: isOpenFirst = false,
  children,
}: {
  readonly title: string;
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}): JSX.Element {
  const [isOpen, setOpen] = useState(isOpenFirst);
  return (
    <section className="section">
      <h3>
        <button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <span className={`section-mark ${isOpen ? 'is-open' : ''}`}>
            <Icon name="chevron" />
          </span>
          {title}
        </button>
      </h3>
      {isOpen && <div className="section-body">{children}</div>}
    </section>
  );
}
