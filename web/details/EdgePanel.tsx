import { type JSX, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { useChangesOf } from '../data/watchNode.js';
import { Facts } from '../ui/Facts.js';
import { Instant } from '../ui/Instant.js';
import { Problem } from '../ui/Problem.js';
import { Tree } from '../ui/Tree.js';
import type { DetailsProps } from './DetailsRoom.js';
import { EdgeDetails, type EdgeInDetail } from './documents.js';
import { LinkHistorySection } from './LinkHistorySection.js';
import { RatesSection } from './RatesSection.js';
import { SearchField } from './SearchField.js';
import { Section } from './Section.js';

type EdgePanelProps = DetailsProps & { readonly id: string };
type End = EdgeInDetail['source'];

/** A link: its ends and how they are, since when it is there, the traffic at both ends, what happened to it, and all that is known. */
export function EdgePanel({ id, at, onSelect, onSelectMany, onFilter, onFlows, onCapture, onTime }: EdgePanelProps): JSX.Element {
  const [ends, setEnds] = useState('');
  const turn = useChangesOf(at === undefined && ends !== '' ? ends.split('\n') : undefined);
  const { data, failure, isAsking } = useAnswer(EdgeDetails, { id, at: at ?? null }, { subject: id, turn });
  const edge = data?.edge;
  if (!edge) {
    return (
      <div className="details-body">
        <Problem message={failure?.message} />
        {!failure && (
          <p className="muted">
            {isAsking
              ? 'Reading…'
              : at === undefined
                ? 'There is no such link any more. Go back in time to see it.'
                : 'There was no such link at this instant.'}
          </p>
        )}
      </div>
    );
  }
  const { source, target, relationType, metadata } = edge;
  const now = [source.id, target.id].join('\n');
  if (now !== ends) setEnds(now);
  const capture = (): void => {
    onSelectMany([source.id, target.id]);
    onCapture();
  };
  const interfaces = [source, target].filter(({ __typename }) => __typename === 'NetworkInterface');
  return (
    <div className="details-body">
      <header>
        <p className="small muted">{relationType === 'ownership' ? 'Ownership' : `Link · ${relationType}`}</p>
        <h2 className="details-name" dir="auto">
          {source.name} – {target.name}
        </h2>
      </header>
      <Problem message={failure?.message} />
      <Facts
        facts={[
          ['From', <EndOf key="from" end={source} onSelect={onSelect} />],
          ['To', <EndOf key="to" end={target} onSelect={onSelect} />],
          ['Published by', edge.origin],
          ['Seen since', <Instant key="since" at={edge.createdAt} />],
          ['Changed', <Instant key="changed" at={edge.updatedAt} />],
        ]}
      />
      <p className="section-acts details-acts">
        <button className="button" onClick={onFlows}>
          Flows at it
        </button>
        <button className="button" onClick={capture}>
          Capture at both ends
        </button>
      </p>
      {interfaces.map((end) => (
        <RatesSection key={end.id} id={end.id} at={at} of={interfaces.length > 1 ? end.name : undefined} />
      ))}
      <LinkHistorySection edge={edge} at={at} turn={turn} onTime={onTime} />
      <Section title="Metadata" isOpen>
        <SearchField>{(search) => <Tree value={metadata ?? {}} search={search} onFilter={onFilter} />}</SearchField>
      </Section>
    </div>
  );
}

function EndOf({ end, onSelect }: { readonly end: End; readonly onSelect: DetailsProps['onSelect'] }): JSX.Element {
  const { id, name, type, state, host } = end;
  const addresses = end.__typename === 'NetworkInterface' ? end.addresses : [];
  const namespace = end.__typename === 'NetworkInterface' ? end.namespace?.name : undefined;
  return (
    <>
      <button className="link" dir="auto" onClick={() => onSelect({ kind: 'node', id })}>
        {name}
      </button>{' '}
      <span className="small muted">{type}</span> <span className={`small state-${state}`}>{state.toLowerCase()}</span>
      <br />
      <span className="small muted">{[namespace, host].filter(Boolean).join(' · ')}</span>
      {addresses.length > 0 && (
        <>
          <br />
          <span className="mono">{addresses.join(', ')}</span>
        </>
      )}
    </>
  );
}
