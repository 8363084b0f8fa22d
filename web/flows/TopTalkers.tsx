import { type JSX, useEffect, useMemo, useState } from 'react';
import type { ResultOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { bytes, count, duration, durationMs } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { SaveButtons } from '../ui/SaveButtons.js';
import { Talkers } from './documents.js';
import type { FlowFilter } from './filter.js';

const GROUPINGS = {
  'Who sends': ['A_END'],
  'Who with whom': ['A_END', 'B_END'],
  Applications: ['APPLICATION'],
  Ports: ['B_PORT'],
  Places: ['CAPTURE_NODE'],
} as const;
type GroupingName = keyof typeof GROUPINGS;

type Group = NonNullable<ResultOf<typeof Talkers>['flowSummary']>[number];

const wordsFor = ({ keys }: Group): string => keys.map(({ value, node }) => node?.name ?? value ?? 'no address').join(' → ');
const lineOf = (group: Group): Readonly<Record<string, unknown>> => ({
  what: wordsFor(group),
  bytes: group.bytes,
  packets: group.packets,
  flows: group.flows,
});

/** Milliseconds between two looks at the present: agents send what they counted about once a minute. */
const AGAIN_MS = 10_000;

interface TopTalkersProps {
  readonly at: string | undefined;
  readonly range: string;
  readonly filter: FlowFilter | undefined;
  readonly isPaused: boolean;
}

/** The largest shares of the traffic in the range that the time bar shows. */
export function TopTalkers({ at, range, filter, isPaused }: TopTalkersProps): JSX.Element | null {
  const [name, setName] = useState<GroupingName>('Who with whom');
  const [turn, setTurn] = useState(0);
  const isMoving = at === undefined && !isPaused;
  useEffect(() => {
    if (!isMoving) return;
    const timer = setInterval(() => setTurn((count) => count + 1), AGAIN_MS);
    return () => clearInterval(timer);
  }, [isMoving]);
  const between = useMemo(() => {
    const to = at === undefined ? Date.now() : Date.parse(at);
    return { from: new Date(to - durationMs(range)).toISOString(), to: at ?? 'now' };
  }, [at, range, turn]);
  const { data, failure } = useAnswer(Talkers, { between, groupBy: [...GROUPINGS[name]], filter: filter ?? null }, { subject: name });
  const groups = data?.flowSummary ?? [];
  const most = Math.max(1, ...groups.map((group) => group.bytes));
  if (data === undefined && failure === undefined) return null;
  return (
    <section className="talkers" aria-label="Top talkers">
      <div className="acts" role="group" aria-label="What is summed">
        {(Object.keys(GROUPINGS) as GroupingName[]).map((each) => (
          <button key={each} className="button is-plain small" aria-pressed={name === each} onClick={() => setName(each)}>
            {each}
          </button>
        ))}
        <SaveButtons name="top-talkers" rows={groups} lineOf={lineOf} isQuiet />
      </div>
      <Problem message={failure?.message} />
      {data && groups.length === 0 && (
        <p className="small muted">
          Agents report once a minute what they counted; nothing yet for the {at === undefined ? 'last' : 'time before this moment:'}{' '}
          {duration(durationMs(range))}.
        </p>
      )}
      <ol>
        {groups.map((group) => {
          const words = wordsFor(group);
          return (
            <li key={group.keys.map(({ value }) => value).join()}>
              <span className="talkers-name mono" title={words}>
                {words}
              </span>
              <span className="talkers-bar" aria-hidden="true">
                <span style={{ width: `${(group.bytes / most) * 100}%` }} />
              </span>
              <span>{bytes(group.bytes)}</span>
              <span className="muted">{group.flows === 1 ? '1 flow' : `${count(group.flows)} flows`}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
