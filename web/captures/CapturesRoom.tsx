import { type JSX, useState } from 'react';
import { ask, readFile } from '../data/ask.js';
import { failureFrom } from '../data/failure.js';
import type { TopologyFilter } from '../data/follow.js';
import { useMay } from '../data/rights.js';
import { count } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { saveFile } from '../ui/save.js';
import { type Column, Table } from '../ui/Table.js';
import { CaptureForm } from './CaptureForm.js';
import './captures.css';
import { type Activity, type Capture, DeleteCapture } from './documents.js';
import { Injections } from './Injections.js';
import { useCaptures } from './useCaptures.js';

interface CapturesRoomProps {
  /** What can be captured on: the selected node, or several, what the filter finds. */
  readonly node: string | undefined;
  readonly chosen: readonly string[];
  readonly filter: TopologyFilter | undefined;
  readonly gremlin: string | undefined;
  onSelect(selected: { readonly kind: 'node'; readonly id: string }): void;
  onFlow(id: string): void;
  /** Goes to the flows of a capture. */
  onFlowsOf(capture: string): void;
  /** Shows nodes in the picture. */
  onLight(ids: ReadonlySet<string>): void;
}

const WORD = { ACTIVE: 'UP', STARTING: 'OTHER', ERROR: 'DOWN', STOPPED: 'UNKNOWN' } as const;

const COLUMNS: readonly Column<Activity>[] = [
  { title: 'Node', value: ({ node }) => node?.name ?? 'gone' },
  { title: 'Host', value: ({ node }) => node?.host, yields: 2 },
  {
    title: 'State',
    value: ({ state }) => state.toLowerCase(),
    show: ({ state }) => <span className={`state-${WORD[state]}`}>{state.toLowerCase()}</span>,
  },
  { title: 'How', value: ({ type }) => type?.toLowerCase(), yields: 4 },
  {
    title: 'Packets',
    value: ({ packetsReceived }) => packetsReceived,
    show: ({ packetsReceived }) => count(packetsReceived),
    isNumber: true,
    yields: 0,
  },
  { title: 'Lost', value: ({ packetsDropped, packetsIfDropped }) => packetsDropped + packetsIfDropped, isNumber: true, yields: 1 },
  { title: 'Flows', value: ({ flows }) => flows, isNumber: true, yields: 3 },
];

const whyOf = ({ error, drops }: Activity): string | null =>
  error ?? (drops.map(({ reason, count: many }) => `${reason} ${many}`).join(', ') || null);

/** Only where there is something to explain. */
const WHY: Column<Activity> = { title: 'Why', value: whyOf, width: 'minmax(140px, 2fr)' };

/** Captures: what runs where, how it fares; start one, stop one. */
export function CapturesRoom({ node, chosen, filter, gremlin, onSelect, onFlow, onFlowsOf, onLight }: CapturesRoomProps): JSX.Element {
  const { captures, failure, again } = useCaptures();
  const mayStart = useMay('capture:write');
  const [isAsking, setAsking] = useState(false);
  return (
    <section className="room" aria-label="Captures">
      <header className="room-head">
        <h2>Captures</h2>
        {mayStart && (
          <button className="button is-main" aria-expanded={isAsking} onClick={() => setAsking(!isAsking)}>
            <Icon name="plus" /> Start one
          </button>
        )}
      </header>
      <Problem message={failure?.message} />
      {isAsking && (
        <CaptureForm
          node={node}
          chosen={chosen}
          filter={filter}
          gremlin={gremlin}
          onDone={() => {
            setAsking(false);
            again();
          }}
        />
      )}
      {captures?.length === 0 && !isAsking && (
        <p className="empty">
          No capture runs. Packets are looked at only where somebody asks for it: on a node, on what a filter finds, for as long as you say.
        </p>
      )}
      {captures?.map((capture) => (
        <CaptureCard key={capture.id} capture={capture} onSelect={onSelect} onFlowsOf={onFlowsOf} onLight={onLight} onGone={again} />
      ))}
      <Injections node={node} onSelect={onSelect} onFlow={onFlow} />
    </section>
  );
}

/** Where it listens, as somebody asked for it; empty for chosen nodes, which are in the table below by name. */
function placeOf({ gremlin, nodes }: Capture): string {
  if (gremlin !== null) return gremlin;
  const { id, ...rest } = (nodes ?? {}) as { readonly id?: readonly string[] };
  if (id === undefined || Object.keys(rest).length > 0) return JSON.stringify(nodes);
  return '';
}

interface CaptureCardProps extends Pick<CapturesRoomProps, 'onSelect' | 'onFlowsOf' | 'onLight'> {
  readonly capture: Capture;
  onGone(): void;
}

function CaptureCard({ capture, onSelect, onFlowsOf, onLight, onGone }: CaptureCardProps): JSX.Element {
  const mayStop = useMay('capture:write');
  const mayRead = useMay('capture:rawpackets');
  const [problem, setProblem] = useState<string>();
  const place = placeOf(capture);
  const places = capture.activities.flatMap(({ node }) => (node ? [node.id] : []));
  const stop = (): void => {
    ask(DeleteCapture, { id: capture.id })
      .then(onGone)
      .catch((error: unknown) => setProblem(failureFrom(error).message));
  };
  const save = (): void => {
    setProblem(undefined);
    readFile(`/captures/${encodeURIComponent(capture.id)}/packets.pcapng`)
      .then((file) => saveFile(`${capture.name || 'capture'}.pcapng`, file))
      .catch((error: unknown) => setProblem(failureFrom(error).message));
  };
  return (
    <article className="capture">
      <header>
        <h3 dir="auto">{capture.name || capture.description || capture.gremlin || 'Capture'}</h3>
        <span className="small muted">
          since <Instant at={capture.createdAt} />
          {capture.expiresAt && (
            <>
              , until <Instant at={capture.expiresAt} isRelative={false} />
            </>
          )}
          {capture.bpf && (
            <>
              , only <code>{capture.bpf}</code>
            </>
          )}
        </span>
        <button className="button" onClick={() => onFlowsOf(capture.id)}>
          Flows
        </button>
        <button className="button" disabled={places.length === 0} onClick={() => onLight(new Set(places))}>
          Show in the picture
        </button>
        {mayRead && capture.rawPacketLimit > 0 && (
          <button className="button" title="All packets that were kept, as one file" onClick={save}>
            <Icon name="save" /> pcapng
          </button>
        )}
        {mayStop && (
          <button className="button" onClick={stop}>
            Stop
          </button>
        )}
      </header>
      {place && <p className="small mono muted">{place}</p>}
      <Problem message={problem} />
      <Table
        title={`Nodes of ${capture.name || 'the capture'}`}
        columns={capture.activities.some(whyOf) ? [...COLUMNS, WHY] : COLUMNS}
        rows={capture.activities}
        keyOf={({ node, captureId }) => node?.id ?? captureId}
        onChoose={({ node }) => node && onSelect({ kind: 'node', id: node.id })}
        empty="Nothing matches at present; it begins when something does."
      />
    </article>
  );
}
