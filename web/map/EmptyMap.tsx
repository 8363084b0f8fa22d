import type { JSX } from 'react';
import { graphql, type ResultOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';

const Watchers = graphql(`
  query Watchers {
    status {
      agents {
        host
        state
        probes {
          name
          state
          reason
        }
      }
    }
  }
`);

type Agent = NonNullable<ResultOf<typeof Watchers>['status']>['agents'][number];

/** Nothing is there to be seen: says whether somebody watches at all, why nothing comes of it, and what to try. */
export function EmptyMap({ onProbes, isPast }: { onProbes(): void; readonly isPast: boolean }): JSX.Element {
  const { data } = useAnswer(Watchers, isPast ? undefined : {});
  const agents = data?.status?.agents ?? [];
  return (
    <div className="empty">
      <h2>{isPast ? 'Nothing was known at this instant' : agents.length > 0 ? 'Nothing to see yet' : 'Nothing is watched yet'}</h2>
      {isPast ? (
        <p>The history begins later, or nothing was watched then.</p>
      ) : agents.length > 0 ? (
        <>
          {agents.slice(0, MOST).map((agent) => (
            <p key={agent.host}>
              The agent on <strong>{agent.host}</strong> {wordsOf(agent)}
            </p>
          ))}
          <p>
            What else an agent lacks, the status says. A node that belongs to another agent stays with that one; you may also lack the right
            to see it.
          </p>
        </>
      ) : (
        <p>
          An agent on a host shows its links and namespaces here. Start one with: <code>canopy agent --analyzer ADDRESS</code>. The status
          says which agents and probes there are, and what they lack.
        </p>
      )}
      <p>
        <button className="button" onClick={onProbes}>
          Agents and probes
        </button>
      </p>
    </div>
  );
}

/** So many agents are told about; the status has them all. */
const MOST = 3;

function wordsOf({ state, probes }: Agent): string {
  if (state !== 'CONNECTED') return 'is away.';
  const still = probes.find((probe) => probe.state !== 'RUNNING');
  if (probes.length === 0) return 'is connected, but none of its probes is on.';
  return still
    ? `is connected, but its probe ${still.name} is ${still.state.toLowerCase()}${still.reason ? `: ${still.reason}` : ''}.`
    : 'is connected, but has told of nothing so far.';
}
