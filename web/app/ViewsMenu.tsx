import { type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { failureFrom } from '../data/failure.js';
import { useAnswer } from '../data/useAnswer.js';
import { useMay } from '../data/rights.js';
import { relative } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { LineForm } from '../ui/LineForm.js';
import { Menu } from '../ui/Menu.js';
import { Problem } from '../ui/Problem.js';
import { type Address, readAddress, writeAddress } from './address.js';
import { AllViews, CreateView, DeleteView, type NamedView, UpdateView } from './views.js';

interface ViewsProps {
  readonly address: Address;
  change(change: Partial<Address>): void;
}

/** Views with names, the same for everybody: open, save, rename, forget, hand on as a link. */
export const ViewsMenu = (props: ViewsProps): JSX.Element => (
  <Menu title="Views" icon="view">
    <Views {...props} />
  </Menu>
);

function Views({ address, change }: ViewsProps): JSX.Element {
  const mayKeep = useMay('view:write');
  const [turn, setTurn] = useState(0);
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<string>();
  const { data, failure } = useAnswer(AllViews, {}, { turn });
  const here = writeAddress(address);
  const done = (asked: Promise<unknown>): void => {
    setProblem(undefined);
    asked.then(() => setTurn((count) => count + 1)).catch((error: unknown) => setProblem(failureFrom(error).message));
  };
  const save = (): void => done(ask(CreateView, { input: { name, address: here } }).then(() => setName('')));
  const views = data?.views ?? [];
  return (
    <div className="menu-form views">
      {mayKeep && <LineForm label="Name of this view" act="Save" isMain text={name} onText={setName} onGo={save} />}
      <Problem message={problem ?? failure?.message} />
      {data && views.length === 0 && <p className="small muted">None are kept yet. Name what you see now, and everybody can open it.</p>}
      <ul>
        {views.map((view) => (
          <NamedViewRow
            key={view.id}
            view={view}
            isHere={view.address === here}
            mayKeep={mayKeep}
            onOpen={() => change(readAddress(view.address).address)}
            onSave={() => done(ask(UpdateView, { id: view.id, input: { address: here } }))}
            onRename={(next) => done(ask(UpdateView, { id: view.id, input: { name: next } }))}
            onForget={() => done(ask(DeleteView, { id: view.id }))}
          />
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  readonly view: NamedView;
  /** Whether it is what the page shows. */
  readonly isHere: boolean;
  /** Whether views may be changed. */
  readonly mayKeep: boolean;
  onOpen(): void;
  onSave(): void;
  onRename(name: string): void;
  onForget(): void;
}

function NamedViewRow({ view, isHere, mayKeep, onOpen, onSave, onRename, onForget }: RowProps): JSX.Element {
  const { id, name, by, updatedAt } = view;
  const [draft, setDraft] = useState<string>();
  if (draft !== undefined) {
    const rename = (): void => {
      onRename(draft);
      setDraft(undefined);
    };
    return (
      <li>
        <LineForm label={`New name of ${name}`} act="Rename" isReady text={draft} onText={setDraft} onGo={rename} />
      </li>
    );
  }
  return (
    <li>
      <button className="link" dir="auto" aria-current={isHere ? 'true' : undefined} title={`Saved by ${by}`} onClick={onOpen}>
        {name}
      </button>
      <span className="small muted">{relative(Date.parse(updatedAt))}</span>
      <span className="views-acts">
        <button
          className="button is-plain is-icon"
          title="Copy a link to it"
          aria-label={`Copy a link to ${name}`}
          onClick={() => void navigator.clipboard?.writeText(`${location.origin}${location.pathname}?view=${id}`)}
        >
          <Icon name="copy" />
        </button>
        {mayKeep && (
          <>
            <button
              className="button is-plain small"
              title="Keep what is shown now under this name"
              aria-label={`Save over ${name}`}
              disabled={isHere}
              onClick={onSave}
            >
              Save
            </button>
            <button className="button is-plain small" aria-label={`Rename ${name}`} onClick={() => setDraft(name)}>
              Rename
            </button>
            <button className="button is-plain is-icon" title="Forget it" aria-label={`Forget ${name}`} onClick={onForget}>
              <Icon name="close" />
            </button>
          </>
        )}
      </span>
    </li>
  );
}
