import { type JSX, type ReactNode, useState } from 'react';

interface SureProps {
  /** What is asked before it is done: `Really delete it?` */
  readonly sure: string;
  readonly label?: string;
  readonly children: ReactNode;
  onSure(): void;
}

/** A button for what cannot be taken back: pressed once it asks, pressed again it does. Whoever goes elsewhere did not mean it. */
export function SureButton({ sure, label, children, onSure }: SureProps): JSX.Element {
  const [isAsking, setAsking] = useState(false);
  const press = (): void => {
    if (isAsking) onSure();
    setAsking(!isAsking);
  };
  return (
    <button
      type="button"
      className={`button ${isAsking ? 'is-bad' : ''}`}
      aria-label={isAsking ? undefined : label}
      onClick={press}
      onBlur={() => setAsking(false)}
    >
      {isAsking ? sure : children}
    </button>
  );
}
