import { type JSX, useLayoutEffect, useRef } from 'react';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'find or hide'],
  ['← ↑ → ↓', 'walk along links; in the table from row to row'],
  [',  .', 'the link before, the next link of what is selected on the map'],
  ['Enter', 'open or close a group; show only what is around a thing'],
  ['shift', 'with a drag, a click or an arrow: select more than one'],
  ['+  −', 'closer, further away'],
  ['f', 'fit everything into the screen'],
  ['t', 'the same as a table'],
  ['c', 'colours: state, bit rate, drops, used share, a number'],
  ['[  ]', 'the change before, the change after'],
  ['space', 'play, pause'],
  ['l', 'back to live'],
  ['Esc', 'back'],
  ['?', 'these keys'],
];

/** All keys. */
export function Keys({ onClose }: { onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // Closing gives the focus back; what is only taken away does not.
    return () => shown?.close();
  }, []);
  return (
    <dialog ref={dialog} className="keys" onClose={onClose} aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      <dl>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button className="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
