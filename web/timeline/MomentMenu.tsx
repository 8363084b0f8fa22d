import { type JSX, useState } from 'react';
import { localTime, relative } from '../ui/format.js';
import { LineForm } from '../ui/LineForm.js';
import { Menu } from '../ui/Menu.js';
import { Problem } from '../ui/Problem.js';
import { readMoment } from './moment.js';

interface MomentMenuProps {
  readonly at: string | undefined;
  onTime(at: string): void;
}

/** The moment that is looked at in words; pressed, any other can be written. */
export function MomentMenu({ at, onTime }: MomentMenuProps): JSX.Element {
  const title = at === undefined ? 'Now' : `${localTime(Date.parse(at))} · ${relative(Date.parse(at))}`;
  return (
    <Menu title={title} icon="clock">
      <MomentForm onTime={onTime} />
    </Menu>
  );
}

function MomentForm({ onTime }: Pick<MomentMenuProps, 'onTime'>): JSX.Element {
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const go = (): void => {
    const time = readMoment(text, Date.now());
    setProblem(time === undefined ? `'${text}' is no moment of the past` : undefined);
    if (time !== undefined) onTime(new Date(time).toISOString());
  };
  return (
    <div className="menu-form moment">
      <LineForm
        label="Go to a moment"
        placeholder="14:05, 1d2h ago, 2026-01-31 14:05"
        act="Go"
        isMain
        isReady
        text={text}
        onText={setText}
        onGo={go}
      />
      <label className="small">
        Date and time
        <input className="input" type="datetime-local" step={1} onChange={(event) => setText(event.target.value)} />
      </label>
      <Problem message={problem} />
    </div>
  );
}
