import { type JSX, useState } from 'react';
import { type Grouping, labelOf, nodesOf } from '../data/grouping.js';
import { linksOf, nodesAt } from '../data/linksBetween.js';
import { useAnswer } from '../data/useAnswer.js';
import { bytes, count } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { type FlowRow, SelectedName } from './documents.js';
import { placesAt, readWanted, type Wanted } from './filter.js';
import { FlowPanel } from './FlowPanel.js';
import './flows.css';
import { TopTalkers } from './TopTalkers.js';
import { useFlows } from './useFlows.js';

interface FlowsRoomProps {
  readonly at: string | undefined;
  readonly range: string;
  readonly wanted: Wanted;
  /** Id of the flow that is looked at. */
  readonly flow: string | undefined;
  /** What is selected in the picture: flows are those at it, unless somebody wants all. */
  readonly selected: { readonly kind: 'node' | 'edge' | 'group' | 'links'; readonly id: string } | undefined;
  readonly grouping: Grouping;
  onWanted(wanted: Wanted): void;
  onFlow(id: string | undefined): void;
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
  { title: 'From', value: (flow) => endOf(flow, 'a'), width: 'minmax(136px, 1.6fr)' },
  { title: 'To', value: (flow) => endOf(flow, 'b'), width: 'minmax(136px, 1.6fr)' },
  { title: 'Protocol', value: ({ transport, layers }) => transport?.protocol ?? layers.at(-1), width: 'minmax(84px, 1fr)', yields: 1 },
  { title: 'Application', value: ({ application }) => application, width: 'minmax(100px, 1fr)', yields: 5 },
  { title: 'Sent', value: ({ total }) => total.abBytes, show: ({ total }) => bytes(total.abBytes), isNumber: true },
  { title: 'Received', value: ({ total }) => total.baBytes, show: ({ total }) => bytes(total.baBytes), isNumber: true, yields: 2 },
  {
    title: 'Packets',
    value: ({ total }) => total.abPackets + total.baPackets,
    show: ({ total }) => count(total.abPackets + total.baPackets),
    isNumber: true,
    yields: 4,
  },
  {
    title: 'Round trip',
    width: 'minmax(92px, 0.6fr)',
    value: ({ total }) => total.rttNanos,
    show: ({ total }) => (total.rttNanos ? `${(total.rttNanos / 1e6).toFixed(2)} ms` : '–'),
    isNumber: true,
    yields: 7,
  },
  { title: 'Last packet', value: ({ last }) => last, show: ({ last }) => <Instant at={last} />, width: 'minmax(164px, 1fr)', yields: 3 },
  {
    title: 'First packet',
    value: ({ start }) => start,
    show: ({ start }) => <Instant at={start} />,
    width: 'minmax(170px, 1fr)',
    isExtra: true,
  },
  { title: 'From MAC', value: ({ link }) => link?.a, width: 'minmax(140px, 1fr)', isExtra: true },
  { title: 'To MAC', value: ({ link }) => link?.b, width: 'minmax(140px, 1fr)', isExtra: true },
  { title: 'VLAN', value: ({ link }) => link?.id || null, isNumber: true, isExtra: true },
  { title: 'VNI', value: ({ network }) => network?.id || null, isNumber: true, isExtra: true },
  { title: 'Layers', value: ({ layers }) => layers.join('/'), width: 'minmax(160px, 1fr)', isExtra: true },
  { title: 'Packets kept', value: ({ rawPacketsCaptured }) => rawPacketsCaptured, isNumber: true, isExtra: true },
  { title: 'Conversation', value: ({ trackingId }) => trackingId, width: 'minmax(150px, 1fr)', isExtra: true },
  { title: 'Id', value: ({ id }) => id, width: 'minmax(150px, 1fr)', isExtra: true },
  {
    title: 'State',
    value: ({ finish }) => (finish === 'NOT_FINISHED' ? 'open' : finish.toLowerCase().replace('tcp_', '')),
    width: 'minmax(72px, 0.6fr)',
    yields: 6,
  },
];

/** Who speaks with whom: live or at an instant, the largest first above, every flow below. */
export function FlowsRoom(props: FlowsRoomProps): JSX.Element {
  const { at, range, wanted, flow: chosen, selected, onWanted, onFlow, onLight, onSelect, onCaptures } = props;
  const [isPaused, setPaused] = useState(false);
  const place = usePlace(props);
  const read = readWanted(wanted, wanted.ofSelected ? place?.filter : undefined);
  // Until it is known what is selected there is nothing to ask.
  const isKnown = !wanted.ofSelected || selected === undefined || place !== undefined;
  const filter = 'filter' in read ? read.filter : undefined;
  const { flows, total, failure } = useFlows(filter, at, isPaused || !isKnown);
  const flow = flows?.find(({ id }) => id === chosen);
  const put = (part: Partial<Wanted>): void => onWanted({ ...wanted, ...part });
  return (
    <section className="room" aria-label="Flows">
      <header className="room-head">
        <h2>Flows</h2>
        {flows && total > flows.length && (
          <span className="small muted">
            the latest {count(flows.length)} of {count(total)}
          </span>
        )}
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
          className="input flows-application"
          aria-label="Application"
          placeholder="DNS, HTTP…"
          value={wanted.application}
          onChange={(event) => put({ application: event.target.value })}
        />
        {selected !== undefined && (
          <button
            className="button"
            aria-pressed={wanted.ofSelected}
            title="What is selected in the picture says which flows are listed"
            onClick={() => put({ ofSelected: !wanted.ofSelected })}
          >
            Only at {place?.name ?? 'what is selected'}
          </button>
        )}
        {wanted.capture !== '' && (
          <button className="button" aria-pressed title="Only flows of one capture; press for all" onClick={() => put({ capture: '' })}>
            Of one capture <Icon name="close" />
          </button>
        )}
        <button className="button" aria-pressed={isPaused} disabled={at !== undefined} onClick={() => setPaused(!isPaused)}>
          <Icon name={isPaused ? 'play' : 'pause'} /> {isPaused ? 'Go on' : 'Pause'}
        </button>
      </header>
      <Problem message={'problem' in read ? read.problem : failure?.message} />
      <TopTalkers at={at} range={range} filter={filter} isPaused={isPaused} />
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
            onChoose={({ id }) => onFlow(id === chosen ? undefined : id)}
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
            onClose={() => onFlow(undefined)}
          />
        )}
      </div>
    </section>
  );
}

/** The places of flows that the selection means, and its name; `undefined` while it is not known. */
function usePlace({
  selected,
  grouping,
  at,
}: Pick<FlowsRoomProps, 'selected' | 'grouping' | 'at'>):
  { readonly name: string; readonly filter: NonNullable<ReturnType<typeof nodesOf>> } | undefined {
  const isGroup = selected?.kind === 'group';
  const between = selected?.kind === 'links' ? linksOf(selected.id) : undefined;
  const { data } = useAnswer(SelectedName, selected === undefined || isGroup || between ? undefined : { id: selected.id, at: at ?? null }, {
    subject: selected?.id ?? '',
  });
  if (selected === undefined) return undefined;
  if (isGroup) return { name: labelOf(selected.id), filter: nodesOf(grouping, labelOf(selected.id)) };
  if (between) return { name: 'the two places', filter: { or: [between.a, between.b].map((end) => nodesAt(between, end, grouping)) } };
  if (data === undefined) return undefined;
  if (data.edge) {
    const { source, target } = data.edge;
    return { name: `${source.name} – ${target.name}`, filter: placesAt([source.id, target.id]) };
  }
  return { name: data.node?.name ?? 'what is gone', filter: placesAt([selected.id]) };
}
