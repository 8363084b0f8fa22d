import { type JSX, useMemo, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { bytes, count, durationMs } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { type FlowRow, Talkers } from './documents.js';
import { EVERYTHING, type FlowFilter, readWanted, type Wanted } from './filter.js';
import { FlowPanel } from './FlowPanel.js';
import './flows.css';
import { useFlows } from './useFlows.js';

interface FlowsRoomProps {
  readonly at: string | undefined;
  readonly range: string;
  /** A node that is selected in the picture: flows can be those of it alone. */
  readonly node: string | undefined;
  onLight(ids: ReadonlySet<string>): void;
  onSelect(selected: { readonly kind: 'node'; readonly id: string }): void;
  onCaptures(): void;
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'ICMPV4', 'ICMPV6', 'ARP'];

const endOf = ({ network, transport, link }: FlowRow, end: 'a' | 'b'): string => {
  const address = network?.[end] ?? link?.[end] ?? '';
  if (!transport) return address;
  return address.includes(':') ? `[${address}]:${transport[end]}` : `${address}:${transport[end]}`;
};

const COLUMNS: readonly Column<FlowRow>[] = [
  { title: 'From', value: (flow) => endOf(flow, 'a'), width: 'minmax(150px, 1.6fr)' },
  { title: 'To', value: (flow) => endOf(flow, 'b'), width: 'minmax(150px, 1.6fr)' },
  { title: 'Protocol', value: ({ transport, network, layers }) => transport?.protocol ?? network?.protocol ?? layers.at(-1) },
  { title: 'Application', value: ({ application }) => application },
  { title: 'Sent', value: ({ total }) => total.abBytes, show: ({ total }) => bytes(total.abBytes), isNumber: true },
  { title: 'Received', value: ({ total }) => total.baBytes, show: ({ total }) => bytes(total.baBytes), isNumber: true },
  {
    title: 'Packets',
    value: ({ total }) => total.abPackets + total.baPackets,
    show: ({ total }) => count(total.abPackets + total.baPackets),
    isNumber: true,
  },
  {
    title: 'Round trip',
    value: ({ total }) => total.rttNanos,
    show: ({ total }) => (total.rttNanos ? `${(total.rttNanos / 1e6).toFixed(2)} ms` : '–'),
    isNumber: true,
  },
  { title: 'Last packet', value: ({ last }) => last, show: ({ last }) => <Instant at={last} />, width: 'minmax(170px, 1fr)' },
  { title: 'State', value: ({ finish }) => (finish === 'NOT_FINISHED' ? 'open' : finish.toLowerCase().replace('tcp_', '')) },
];

/** Who speaks with whom: live or at an instant, the largest first above, every flow below. */
export function FlowsRoom({ at, range, node, onLight, onSelect, onCaptures }: FlowsRoomProps): JSX.Element {
  const [wanted, setWanted] = useState<Wanted>(EVERYTHING);
  const [isPaused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<string>();
  const read = readWanted(wanted);
  const filter = 'filter' in read ? read.filter : undefined;
  const { flows, failure } = useFlows(filter, at, isPaused);
  const flow = flows?.find(({ id }) => id === chosen);
  const put = (part: Partial<Wanted>): void => setWanted({ ...wanted, ...part });
  return (
    <section className="room" aria-label="Flows">
      <header className="room-head">
        <h2>Flows</h2>
        <input
          className="input"
          aria-label="Address or network"
          placeholder="10.0.0.0/8"
          value={wanted.address}
          onChange={(event) => put({ address: event.target.value })}
        />
        <input
          className="input flows-port"
          aria-label="Port"
          placeholder="Port"
          inputMode="numeric"
          value={wanted.port}
          onChange={(event) => put({ port: event.target.value })}
        />
        <select className="input" aria-label="Protocol" value={wanted.protocol} onChange={(event) => put({ protocol: event.target.value })}>
          <option value="">Any protocol</option>
          {PROTOCOLS.map((protocol) => (
            <option key={protocol}>{protocol}</option>
          ))}
        </select>
        <input
          className="input flows-port"
          aria-label="Application"
          placeholder="DNS, HTTP…"
          value={wanted.application}
          onChange={(event) => put({ application: event.target.value })}
        />
        {node !== undefined && (
          <button
            className="button"
            aria-pressed={wanted.node === node}
            onClick={() => put({ node: wanted.node === node ? undefined : node })}
          >
            Only at the selected node
          </button>
        )}
        <button className="button" aria-pressed={isPaused} disabled={at !== undefined} onClick={() => setPaused(!isPaused)}>
          <Icon name={isPaused ? 'play' : 'pause'} /> {isPaused ? 'Go on' : 'Pause'}
        </button>
      </header>
      <Problem message={'problem' in read ? read.problem : failure?.message} />
      <TopTalkers at={at} range={range} filter={filter} />
      <div className="flows-split">
        {flows?.length === 0 ? (
          <div className="empty">
            <h2>No flows</h2>
            <p>Flows come from captures. Start one on an interface, or on everything that a filter finds.</p>
            <p>
              <button className="button" onClick={onCaptures}>
                Captures
              </button>
            </p>
          </div>
        ) : (
          <Table
            title="Flows"
            columns={COLUMNS}
            rows={flows ?? []}
            keyOf={({ id }) => id}
            chosen={chosen}
            onChoose={({ id }) => setChosen(id === chosen ? undefined : id)}
            empty="Reading…"
            isTall
          />
        )}
        {flow && (
          <FlowPanel
            key={flow.id}
            flow={flow}
            at={at}
            title={`${endOf(flow, 'a')} → ${endOf(flow, 'b')}`}
            onLight={onLight}
            onSelect={onSelect}
            onClose={() => setChosen(undefined)}
          />
        )}
      </div>
    </section>
  );
}

const GROUPINGS = {
  'Who sends': ['A_ADDRESS'],
  'Who with whom': ['A_ADDRESS', 'B_ADDRESS'],
  Applications: ['APPLICATION'],
  Ports: ['B_PORT'],
} as const;
type GroupingName = keyof typeof GROUPINGS;

/** The largest shares of the traffic in the range that the time bar shows. */
function TopTalkers({
  at,
  range,
  filter,
}: {
  readonly at: string | undefined;
  readonly range: string;
  readonly filter: FlowFilter | undefined;
}): JSX.Element | null {
  const [name, setName] = useState<GroupingName>('Who with whom');
  const between = useMemo(() => {
    const to = at === undefined ? Date.now() : Date.parse(at);
    return { from: new Date(to - durationMs(range)).toISOString(), to: at ?? 'now' };
  }, [at, range]);
  const { data, failure } = useAnswer(Talkers, { between, groupBy: [...GROUPINGS[name]], filter: filter ?? null }, { subject: name });
  const groups = data?.flowSummary ?? [];
  const most = Math.max(1, ...groups.map((group) => group.bytes));
  if (failure === undefined && groups.length === 0) return null;
  return (
    <div className="talkers">
      <div className="ask-acts" role="group" aria-label="What is summed">
        {(Object.keys(GROUPINGS) as GroupingName[]).map((each) => (
          <button key={each} className="button is-plain small" aria-pressed={name === each} onClick={() => setName(each)}>
            {each}
          </button>
        ))}
      </div>
      <Problem message={failure?.message} />
      <ol>
        {groups.map((group) => {
          const words = group.keys.map(({ value }) => value ?? 'unknown').join(' → ');
          return (
            <li key={words}>
              <span className="talkers-name mono">{words}</span>
              <span className="talkers-bar" aria-hidden="true">
                <span style={{ width: `${(group.bytes / most) * 100}%` }} />
              </span>
              <span>{bytes(group.bytes)}</span>
              <span className="muted">{count(group.flows)} flows</span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
