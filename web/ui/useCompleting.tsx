import {
  type ChangeEvent,
  type JSX,
  type KeyboardEvent,
  type RefObject,
  type SyntheticEvent,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import './completing.css';

/** What a text, or the word of it at the caret, may go on to. */
export interface Completion {
  readonly text: string;
  readonly note: string;
  /** Offset of what it replaces, up to the caret; otherwise it replaces the word. */
  readonly from?: number;
}

/** A text with a completion in it, where the caret then stands, and whether more is to be completed at once. */
export interface Completed {
  readonly next: string;
  readonly at: number;
  readonly goesOn: boolean;
}

interface CompletingOptions {
  readonly text: string;
  onText(text: string): void;
  /** How the text may go on at the caret; what fails completes nothing. */
  complete(text: string, caret: number, signal: AbortSignal): Promise<readonly Completion[]>;
  completed(text: string, caret: number, completion: Completion): Completed;
}

/** What an input of text gets, and the list that stands below it. */
export interface Completing {
  readonly input: {
    readonly ref: RefObject<HTMLInputElement | null>;
    readonly role: 'combobox';
    readonly 'aria-expanded': boolean;
    readonly 'aria-controls': string;
    readonly 'aria-autocomplete': 'list';
    readonly 'aria-activedescendant': string | undefined;
    readonly spellCheck: false;
    readonly autoComplete: 'off';
    readonly value: string;
    onChange(event: ChangeEvent<HTMLInputElement>): void;
    onSelect(event: SyntheticEvent<HTMLInputElement>): void;
    onFocus(): void;
    onBlur(): void;
    onKeyDown(event: KeyboardEvent): void;
  };
  readonly list: JSX.Element;
  /** Does what a key means for the list; `false` when it means nothing for it. */
  press(event: KeyboardEvent): boolean;
  close(): void;
}

/** Milliseconds after the last letter before it is asked how the text may go on. */
const WAIT_MS = 120;

/** Completion while somebody types: arrow keys choose, Enter or Tab takes, Escape closes the list. */
export function useCompleting({ text, onText, complete, completed }: CompletingOptions): Completing {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState(text.length);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  // Where the caret goes with the text that was completed: before the next letter is typed.
  const moved = useRef<number>(undefined);
  useLayoutEffect(() => {
    if (moved.current === undefined) return;
    input.current?.setSelectionRange(moved.current, moved.current);
    moved.current = undefined;
  }, [text]);
  const completions = useCompletions(text, caret, isOpen, complete);
  const isShown = isOpen && completions.length > 0;

  const take = (index: number): void => {
    const completion = completions[index];
    if (!completion) return;
    const { next, at, goesOn } = completed(text, caret, completion);
    onText(next);
    setChosen(-1);
    setCaret(at);
    setOpen(goesOn);
    moved.current = at;
  };
  const press = (event: KeyboardEvent): boolean => {
    if (!isShown) return false;
    if (event.key === 'ArrowDown') setChosen((now) => (now + 1) % completions.length);
    else if (event.key === 'ArrowUp') setChosen((now) => (now <= 0 ? completions.length : now) - 1);
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen >= 0) take(chosen);
    else if (event.key === 'Escape') setOpen(false);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    input: {
      ref: input,
      role: 'combobox',
      'aria-expanded': isShown,
      'aria-controls': id,
      'aria-autocomplete': 'list',
      'aria-activedescendant': chosen >= 0 ? `${id}-${chosen}` : undefined,
      spellCheck: false,
      autoComplete: 'off',
      value: text,
      onChange(event) {
        onText(event.target.value);
        setCaret(event.target.selectionStart ?? event.target.value.length);
        setOpen(true);
        setChosen(-1);
      },
      onSelect: (event) => setCaret(event.currentTarget.selectionStart ?? 0),
      onFocus: () => setOpen(true),
      onBlur: () => setOpen(false),
      onKeyDown: (event) => void press(event),
    },
    list: (
      <ul id={id} role="listbox" aria-label="Completions" className="completions" hidden={!isShown}>
        {completions.map(({ text: complete, note }, index) => (
          <li
            key={complete}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              take(index);
            }}
          >
            <span className="mono">{complete}</span> <span className="muted small">{note}</span>
          </li>
        ))}
      </ul>
    ),
    press,
    close: () => setOpen(false),
  };
}

function useCompletions(text: string, caret: number, isOpen: boolean, complete: CompletingOptions['complete']): readonly Completion[] {
  const [completions, setCompletions] = useState<readonly Completion[]>([]);
  const latest = useRef(complete);
  latest.current = complete;
  useEffect(() => {
    if (!isOpen) return setCompletions([]);
    const cancellation = new AbortController();
    const told = (found: readonly Completion[]): void => void (cancellation.signal.aborted || setCompletions(found));
    const timer = setTimeout(() => {
      latest.current(text, caret, cancellation.signal).then(told, () => told([]));
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      cancellation.abort();
    };
  }, [text, caret, isOpen]);
  return completions;
}
