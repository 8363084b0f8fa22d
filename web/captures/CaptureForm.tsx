import { type FormEvent, type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import type { VariablesOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { AbilitiesTable } from './AbilitiesTable.js';
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
const TYPES = ['AFPACKET', 'PCAP', 'EBPF', 'OVSMIRROR', 'OVSSFLOW', 'OVSNETFLOW', 'SFLOW', 'NETFLOW', 'PCAPSOCKET', 'DPDK'] as const;
const LAYERS = ['DNS', 'DHCPV4', 'VRRP'] as const;
const TARGETS = ['LOCAL', 'ERSPANV1', 'NETFLOWV5'] as const;

type More = Omit<Input, 'name' | 'description' | 'nodes' | 'gremlin' | 'bpf' | 'ttl' | 'rawPacketLimit'>;

/** Asks where, which packets and for how long; says before what would be found, and which hosts cannot do it. */
export function CaptureForm({ node, filter, gremlin, onDone }: CaptureFormProps): JSX.Element {
  const [target, setTarget] = useState<Target>(node !== undefined ? 'node' : filter ? 'filter' : 'gremlin');
  const [query, setQuery] = useState(gremlin ?? "G.V().Has('Type', 'veth')");
  const [name, setName] = useState('');
  const [bpf, setBpf] = useState('');
  const [ttl, setTtl] = useState(TTLS[0]![0]);
  const [packets, setPackets] = useState(0);
  const [more, setMore] = useState<More>({});
  const [failure, setFailure] = useState<Failure>();
  const nodes = target === 'node' ? { id: [node!] } : target === 'filter' ? filter?.nodes : undefined;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const where: Partial<Input> = target === 'gremlin' ? { gremlin: query } : { nodes };
    const input: Input = { ...where, name: name || null, bpf: bpf || null, ttl: ttl || null, rawPacketLimit: packets, ...more };
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
      <details>
        <summary>More</summary>
        <MoreFields more={more} onMore={setMore} />
      </details>
      <Problem message={failure?.message} />
      <button className="button is-main">Start</button>
    </form>
  );
}

/** What is seldom asked for. */
function MoreFields({ more, onMore }: { readonly more: More; onMore(more: More): void }): JSX.Element {
  const put = (part: Partial<More>): void => onMore({ ...more, ...part });
  const number = (title: string, key: 'headerSize' | 'samplingRate' | 'port', placeholder: string): JSX.Element => (
    <label>
      {title}
      <input
        className="input"
        type="number"
        min={0}
        placeholder={placeholder}
        value={more[key] ?? ''}
        onChange={(event) => put({ [key]: event.target.value === '' ? null : Number(event.target.value) })}
      />
    </label>
  );
  const check = (title: string, key: 'extraTcpMetric' | 'ipDefrag' | 'reassembleTcp'): JSX.Element => (
    <label className="capture-check">
      <input type="checkbox" checked={more[key] ?? false} onChange={(event) => put({ [key]: event.target.checked })} /> {title}
    </label>
  );
  const layers = more.extraLayers ?? [];
  return (
    <div className="capture-fields">
      <label>
        How
        <select
          className="input"
          value={more.type ?? ''}
          onChange={(event) => put({ type: (event.target.value || null) as NonNullable<More['type']> | null })}
        >
          <option value="">as fits the node</option>
          {TYPES.map((type) => (
            <option key={type} value={type}>
              {type.toLowerCase()}
            </option>
          ))}
        </select>
      </label>
      <label>
        Conversations by
        <select
          className="input"
          value={more.layerKeyMode ?? 'L2'}
          onChange={(event) => put({ layerKeyMode: event.target.value as 'L2' | 'L3' })}
        >
          <option value="L2">MAC and address (L2)</option>
          <option value="L3">address (L3)</option>
        </select>
      </label>
      {number('Bytes looked at', 'headerSize', '256')}
      {number('One sample of so many packets', 'samplingRate', '1')}
      {number('Port to listen on', 'port', 'a free one')}
      <label>
        Time between counter samples
        <input
          className="input"
          placeholder="10s"
          value={more.pollingInterval ?? ''}
          onChange={(event) => put({ pollingInterval: event.target.value || null })}
        />
      </label>
      <label>
        Sends as well
        <select
          className="input"
          value={more.targetType ?? 'LOCAL'}
          onChange={(event) => put({ targetType: event.target.value as 'LOCAL' })}
        >
          {TARGETS.map((type) => (
            <option key={type} value={type}>
              {type === 'LOCAL' ? 'nothing' : type.toLowerCase()}
            </option>
          ))}
        </select>
      </label>
      <label>
        Sent to
        <input
          className="input mono"
          placeholder="192.0.2.1:2055"
          value={more.target ?? ''}
          onChange={(event) => put({ target: event.target.value || null })}
        />
      </label>
      <fieldset className="capture-checks">
        <legend>Looks into</legend>
        {check('times of TCP', 'extraTcpMetric')}
        {check('IPv4 fragments, put together', 'ipDefrag')}
        {check('TCP streams, put together', 'reassembleTcp')}
        {LAYERS.map((layer) => (
          <label key={layer} className="capture-check">
            <input
              type="checkbox"
              checked={layers.includes(layer)}
              onChange={() => put({ extraLayers: layers.includes(layer) ? layers.filter((other) => other !== layer) : [...layers, layer] })}
            />{' '}
            {layer}
          </label>
        ))}
      </fieldset>
    </div>
  );
}

/** What would be found, and what each of its hosts can do. */
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
  const hosts = things.map(({ host }) => host);
  const most = new Set(hosts).size;
  return (
    <div className="small" aria-live="polite">
      <Problem message={asked.failure?.message} />
      {found && (
        <p>
          {found.totalCount} found on {most} {most === 1 ? 'host' : 'hosts'}
          {things.length > 0 &&
            `: ${things
              .slice(0, 8)
              .map(({ name, host }) => `${name} on ${host}`)
              .join(', ')}`}
          {things.length > 8 && ' and more'}
        </p>
      )}
      {hosts.length > 0 && <AbilitiesTable hosts={hosts} agents={asked.data?.agents ?? []} />}
    </div>
  );
}
