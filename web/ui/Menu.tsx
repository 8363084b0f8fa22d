import { type JSX, type ReactNode, useEffect, useRef, useState } from 'react';
import { Icon, type IconName } from './Icon.js';
import './menu.css';

/** A button and what it lets down; Escape and a press elsewhere close it. */
export function Menu({
  title,
  icon,
  isLeft = false,
  children,
}: {
  readonly title: string;
  readonly icon: IconName;
  /** Whether it goes on to the right of the button's left edge instead of the other way. */
  readonly isLeft?: boolean;
  readonly children: ReactNode;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const press = (event: PointerEvent): void => {
      if (!host.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener('pointerdown', press);
    return () => removeEventListener('pointerdown', press);
  }, [isOpen]);
  return (
    <div
      ref={host}
      className="menu"
      onBlur={({ relatedTarget }) => {
        if (relatedTarget !== null && !host.current?.contains(relatedTarget)) setOpen(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isOpen) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button ref={button} className="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name={icon} /> <span className="menu-title">{title}</span>
      </button>
      {isOpen && (
        <div className={`menu-body ${isLeft ? 'is-left' : ''}`} role="group" aria-label={title}>
          {children}
        </div>
      )}
    </div>
  );
}
