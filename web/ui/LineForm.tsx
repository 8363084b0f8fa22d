import { type FormEvent, type JSX } from 'react';

interface LineFormProps {
  /** Name of the field for a screen reader; stands in it too unless `placeholder` says more. */
  readonly label: string;
  readonly placeholder?: string;
  /** What the button says. */
  readonly act: string;
  readonly isMain?: boolean;
  /** Whether the field has the focus at once. */
  readonly isReady?: boolean;
  readonly text: string;
  onText(text: string): void;
  onGo(): void;
}

/** One line to write, and a button that does something with it, as Enter does. */
export function LineForm({ label, placeholder = label, act, isMain, isReady, text, onText, onGo }: LineFormProps): JSX.Element {
  const go = (event: FormEvent): void => {
    event.preventDefault();
    onGo();
  };
  return (
    <form className="line-form" onSubmit={go}>
      <input
        className="input"
        aria-label={label}
        placeholder={placeholder}
        value={text}
        autoFocus={isReady}
        onChange={(event) => onText(event.target.value)}
      />
      <button className={`button ${isMain ? 'is-main' : ''}`} disabled={text.trim() === ''}>
        {act}
      </button>
    </form>
  );
}
