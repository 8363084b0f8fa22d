import { type JSX, useEffect, useState } from 'react';
import { ask } from '../data/ask.js';
import { failureFrom } from '../data/failure.js';
import { useMay } from '../data/rights.js';
import { useAnswer } from '../data/useAnswer.js';
import { count } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { SaveButtons } from '../ui/SaveButtons.js';
import { CancelInjection, FlowOf, type Injection, Injections as AllInjections } from './documents.js';
import { InjectionForm } from './InjectionForm.js';

interface InjectionsProps {
  readonly node: string | undefined;
  onSelect(selected: { readonly kind: 'node'; readonly id: string }): void;
  /** Goes to a flow. */
  onFlow(id: string): void;
}

/** Milliseconds between two looks at packets that are on their way, and at a list that is still. */
const RUNNING_MS = 1_000;
const STILL_MS = 5_000;

const WORD = { ACTIVE: 'OTHER', DONE: 'UP', CANCELLED: 'UNKNOWN', ERROR: 'DOWN' } as const;

/** What is sent: packets that are made, or those of a file. */
const kindOf = ({ type, filePackets }: Injection): string => (filePackets === null ? type.toLowerCase() : `file of ${filePackets} packets`);

/** How many each node is to send. */
const wantedOf = ({ count: wanted, filePackets }: Injection): number => wanted || (filePackets ?? 0);

const lineOf = (injection: Injection): Readonly<Record<string, unknown>> => {
  const { id, state, srcIp, dstIp, node, sent, startedAt, error } = injection;
  return {
    id,
    type: kindOf(injection),
    state,
    from: srcIp,
    to: dstIp,
    node: node?.name ?? null,
    host: node?.host ?? null,
    sent,
    wanted: wantedOf(injection),
    startedAt,
    error,
  };
};

/** The packet generator: what is being sent, how far it is, and the flow that it became. */
export function Injections({ node, onSelect, onFlow }: InjectionsProps): JSX.Element {
  const maySend = useMay('injectpacket:write');
  const [isAsking, setAsking] = useState(false);
  const [turn, setTurn] = useState(0);
  const { data, failure } = useAnswer(AllInjections, {}, { turn });
  const injections = data?.injections ?? [];
  const isRunning = injections.some(({ state }) => state === 'ACTIVE');
  useEffect(() => {
    const timer = setInterval(() => setTurn((now) => now + 1), isRunning ? RUNNING_MS : STILL_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  const again = (): void => setTurn((now) => now + 1);
  return (
    <section className="injections" aria-label="Packet generator">
      <header className="room-head">
        <h2>Packet generator</h2>
        {maySend && (
          <button className="button" aria-expanded={isAsking} onClick={() => setAsking(!isAsking)}>
            <Icon name="plus" /> Send packets
          </button>
        )}
        {injections.length > 0 && <SaveButtons name="injections" rows={injections} lineOf={lineOf} />}
      </header>
      <Problem message={failure?.message} />
      {isAsking && (
        <InjectionForm
          node={node}
          onDone={() => {
            setAsking(false);
            again();
          }}
        />
      )}
      {data && injections.length === 0 && !isAsking && (
        <p className="small muted">
          Nothing was sent yet. Packets from one interface to another, beside a capture, show the way that they take and where they are
          lost.
        </p>
      )}
      <ul>
        {injections.map((injection) => (
          <InjectionRow key={injection.id} injection={injection} onSelect={onSelect} onFlow={onFlow} onCancelled={again} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps extends Pick<InjectionsProps, 'onSelect' | 'onFlow'> {
  readonly injection: Injection;
  onCancelled(): void;
}

function InjectionRow({ injection, onSelect, onFlow, onCancelled }: RowProps): JSX.Element {
  const { id, state, sent, error, trackingId, srcIp, dstIp, startedAt, node } = injection;
  const wanted = wantedOf(injection);
  const mayCancel = useMay('injectpacket:write');
  const [problem, setProblem] = useState<string>();
  const cancel = (): void => {
    ask(CancelInjection, { id })
      .then(onCancelled)
      .catch((failure: unknown) => setProblem(failureFrom(failure).message));
  };
  const follow = (): void => {
    setProblem(undefined);
    ask(FlowOf, { trackingId: trackingId! })
      .then(({ data }) => {
        const flow = data.flows?.nodes[0];
        if (flow) onFlow(flow.id);
        else setProblem('No capture has seen these packets yet.');
      })
      .catch((failure: unknown) => setProblem(failureFrom(failure).message));
  };
  return (
    <li className="injection">
      <span className={`state-${WORD[state]}`}>{state.toLowerCase()}</span>
      <span className="mono">{injection.filePackets === null ? `${kindOf(injection)} ${srcIp} → ${dstIp}` : kindOf(injection)}</span>
      <span>
        from{' '}
        {node ? (
          <button className="link" onClick={() => onSelect({ kind: 'node', id: node.id })}>
            {node.name}
          </button>
        ) : (
          'what is gone'
        )}
      </span>
      <span className="small muted">
        <Instant at={startedAt} />
      </span>
      {wanted > 0 && <progress max={wanted} value={sent} aria-label={`${sent} of ${wanted} packets sent`} />}
      <span>
        {count(sent)}
        {wanted > 0 && ` of ${count(wanted)}`} packets
      </span>
      {trackingId !== null && (
        <button className="button" onClick={follow}>
          Its flow
        </button>
      )}
      {state === 'ACTIVE' && mayCancel && (
        <button className="button" onClick={cancel}>
          Cancel
        </button>
      )}
      <Problem message={problem ?? error ?? undefined} />
    </li>
  );
}
