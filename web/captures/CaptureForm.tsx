import { type FormEvent, type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import type { VariablesOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { Candidates, CandidatesByGremlin, CreateCapture } from './documents.js';

interface CaptureFormProps {
  readonly node: string | undefined;
  readonly filter: TopologyFilter | undefined;
  readonly gremlin: string | undefined;
  onDone(): void;
}

type Input = VariablesOf<typeof CreateCapture>['input'];
type Target = 'node' | 'filter' | 'gremlin';

const TTLS: readonly (readonly [string, string])[] = [
  ['5m', '5 minutes'],
  ['1h', '1 hour'],
  ['24h', '1 day'],
  ['', 'until stopped'],
];
/** What packets cannot be read without. */
const NEEDED = 'CAP_NET_RAW';

/** Asks where, which packets and for how long; says before what would be found, and which hosts cannot do it. */
export function CaptureForm({ node, filter, gremlin, onDone }: CaptureFormProps): JSX.Element {
  const [target, setTarget] = useState<Target>(node !== undefined ? 'node' : filter ? 'filter' : 'gremlin');
  const [query, setQuery] = useState(gremlin ?? "G.V().Has('Type', 'veth')");
  const [name, setName] = useState('');
  const [bpf, setBpf] = useState('');
  const [ttl, setTtl] = useState(TTLS[0]![0]);
  const [packets, setPackets] = useState(0);
  const [failure, setFailure] = useState<Failure>();
  const nodes = target === 'node' ? { id: [node!] } : target === 'filter' ? filter?.nodes : undefined;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const where: Partial<Input> = target === 'gremlin' ? { gremlin: query } : { nodes };
    const input: Input = { ...where, name: name || null, bpf: bpf || null, ttl: ttl || null, rawPacketLimit: packets };
    ask(CreateCapture, { input })
      .then(onDone)
      .catch((error: unknown) => setFailure(failureFrom(error)));
  };
  return (
    <form className="capture-form" onSubmit={submit}>
      <fieldset>
        <legend>Where</legend>
        <label>
          <input type="radio" name="target" disabled={node === undefined} checked={target === 'node'} onChange={() => setTarget('node')} />{' '}
          on the selected node
        </label>
        <label>
          <input type="radio" name="target" disabled={!filter} checked={target === 'filter'} onChange={() => setTarget('filter')} /> on what
          the filter above finds, now and later
        </label>
        <label>
          <input type="radio" name="target" checked={target === 'gremlin'} onChange={() => setTarget('gremlin')} /> on what a Gremlin string
          finds
        </label>
        {target === 'gremlin' && (
          <input className="input mono" aria-label="Gremlin string" value={query} onChange={(event) => setQuery(event.target.value)} />
        )}
      </fieldset>
      <Preview nodes={nodes ?? undefined} gremlin={target === 'gremlin' ? query : undefined} />
      <div className="capture-fields">
        <label>
          Name
          <input className="input" value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          Only packets that match
          <input className="input mono" placeholder="tcp port 80" value={bpf} onChange={(event) => setBpf(event.target.value)} />
        </label>
        <label>
          Ends after
          <select className="input" value={ttl} onChange={(event) => setTtl(event.target.value)}>
            {TTLS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Packets kept of each flow
          <input
            className="input"
            type="number"
            min={0}
            max={10}
            value={packets}
            onChange={(event) => setPackets(Number(event.target.value))}
          />
        </label>
      </div>
      <Problem message={failure?.message} />
      <button className="button is-main">Start</button>
    </form>
  );
}

/** What would be found, and what is in the way on which host. */
function Preview({
  nodes,
  gremlin,
}: {
  readonly nodes: NonNullable<TopologyFilter['nodes']> | undefined;
  readonly gremlin: string | undefined;
}): JSX.Element {
  const byFilter = useAnswer(Candidates, nodes ? { filter: nodes } : undefined);
  const byGremlin = useAnswer(CandidatesByGremlin, gremlin ? { query: gremlin } : undefined);
  const asked = gremlin === undefined ? byFilter : byGremlin;
  const found = gremlin === undefined ? byFilter.data?.nodes : byGremlin.data?.gremlin;
  const things = found?.nodes ?? [];
  const hosts = [...new Set(things.map(({ host }) => host))];
  const obstacles = hosts.flatMap((host) => {
    const agent = asked.data?.agents.find((candidate) => candidate.host === host);
    if (agent === undefined) return [`${host}: no agent watches it`];
    if (agent.state !== 'CONNECTED') return [`${host}: its agent is ${agent.state.toLowerCase()}`];
    return agent.missingCapabilities.includes(NEEDED) ? [`${host}: its agent lacks ${NEEDED}`] : [];
  });
  return (
    <div className="small" aria-live="polite">
      <Problem message={asked.failure?.message} />
      {found && (
        <p>
          {found.totalCount} found on {hosts.length} {hosts.length === 1 ? 'host' : 'hosts'}
          {things.length > 0 &&
            `: ${things
              .slice(0, 8)
              .map(({ name, host }) => `${name} on ${host}`)
              .join(', ')}`}
          {things.length > 8 && ' and more'}
        </p>
      )}
      {obstacles.map((text) => (
        <p key={text} className="state-DOWN">
          {text}
        </p>
      ))}
    </div>
  );
}
