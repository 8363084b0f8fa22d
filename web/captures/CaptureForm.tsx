import { type FormEvent, type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { completedGremlin, completeGremlinAt } from '../data/completeGremlin.js';
import { type Failure, failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import type { VariablesOf } from '../data/graphql.js';
import { useAnswer } from '../data/useAnswer.js';
import { useSettled } from '../data/useSettled.js';
import { count } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { useCompleting } from '../ui/useCompleting.js';
import { CapturePreview, CreateCapture } from './documents.js';
import { Preview } from './Preview.js';

interface CaptureFormProps {
  readonly node: string | undefined;
  /** Ids of several selected nodes; empty where only one is, or none. */
  readonly chosen: readonly string[];
  readonly filter: TopologyFilter | undefined;
  readonly gremlin: string | undefined;
  onDone(): void;
}

type Input = VariablesOf<typeof CreateCapture>['input'];
type Target = 'node' | 'chosen' | 'filter' | 'gremlin';

const TTLS: readonly (readonly [string, string])[] = [
  ['5m', '5 minutes'],
  ['1h', '1 hour'],
  ['24h', '1 day'],
  ['', 'until stopped'],
];
const TYPES = ['AFPACKET', 'PCAP', 'EBPF', 'OVSMIRROR', 'OVSSFLOW', 'OVSNETFLOW', 'SFLOW', 'NETFLOW', 'PCAPSOCKET', 'DPDK'] as const;
const LAYERS = ['DNS', 'DHCPV4', 'VRRP'] as const;
const TARGETS = ['LOCAL', 'ERSPANV1', 'NETFLOWV5'] as const;

/** Milliseconds after the last letter before it is looked what would be captured. */
const TYPING_MS = 300;

type More = Omit<Input, 'name' | 'description' | 'nodes' | 'gremlin' | 'bpf' | 'ttl' | 'rawPacketLimit'>;

/** Asks where, which packets and for how long; says before on which nodes that would be, and where it cannot. */
export function CaptureForm({ node, chosen, filter, gremlin, onDone }: CaptureFormProps): JSX.Element {
  const [target, setTarget] = useState<Target>(chosen.length > 0 ? 'chosen' : node !== undefined ? 'node' : filter ? 'filter' : 'gremlin');
  const [query, setQuery] = useState(gremlin ?? "G.V().Has('Type', 'veth')");
  const completing = useCompleting({ text: query, onText: setQuery, complete: completeGremlinAt, completed: completedGremlin });
  const [name, setName] = useState('');
  const [bpf, setBpf] = useState('');
  const [ttl, setTtl] = useState(TTLS[0]![0]);
  const [packets, setPackets] = useState(0);
  const [more, setMore] = useState<More>({});
  const [failure, setFailure] = useState<Failure>();
  const nodes = { node: { id: [node!] }, chosen: { id: [...chosen] }, filter: filter?.nodes ?? null, gremlin: null }[target];
  const input: Input = {
    ...(target === 'gremlin' ? { gremlin: query } : { nodes }),
    name: name || null,
    bpf: bpf || null,
    ttl: ttl || null,
    rawPacketLimit: packets,
    ...more,
  };
  // What it is called changes nothing.
  const asked = useSettled<Input>({ ...input, name: null }, TYPING_MS);
  const { data, failure: unclear, isAsking } = useAnswer(CapturePreview, { input: asked }, { subject: target });
  const preview = data?.capturePreview ?? undefined;

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setFailure(undefined);
    ask(CreateCapture, { input })
      .then(onDone)
      .catch((error: unknown) => setFailure(failureFrom(error)));
  };
  return (
    <form className="card-form" aria-label="Start a capture" onSubmit={submit}>
      <fieldset>
        <legend>Where</legend>
        <label>
          <input type="radio" name="target" disabled={node === undefined} checked={target === 'node'} onChange={() => setTarget('node')} />{' '}
          on the selected node
        </label>
        {chosen.length > 0 && (
          <label>
            <input type="radio" name="target" checked={target === 'chosen'} onChange={() => setTarget('chosen')} /> on the {chosen.length}{' '}
            selected things
          </label>
        )}
        <label>
          <input type="radio" name="target" disabled={!filter} checked={target === 'filter'} onChange={() => setTarget('filter')} /> on what
          the filter above finds, now and later
        </label>
        <label>
          <input type="radio" name="target" checked={target === 'gremlin'} onChange={() => setTarget('gremlin')} /> on what a Gremlin string
          finds
        </label>
        {target === 'gremlin' && (
          <div className="completing">
            <input {...completing.input} className="input mono" aria-label="Gremlin string" placeholder="G.V().Has('Name', 'eth0')" />
            {completing.list}
          </div>
        )}
      </fieldset>
      <div className="fields">
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
      <Preview preview={unclear ? undefined : preview} failure={unclear} isAsking={isAsking} />
      <Problem message={failure?.message} />
      <button className="button is-main">{preview && preview.total > 1 ? `Start on ${count(preview.total)} nodes` : 'Start'}</button>
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
    <div className="fields">
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
