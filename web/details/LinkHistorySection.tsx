import { type JSX, useEffect, useState } from 'react';
import { lastChanges, type ListedChange } from '../data/changesOf.js';
import { type Failure, failureFrom } from '../data/failure.js';
import { durationMs } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import type { EdgeInDetail } from './documents.js';
import { RevisionList } from './RevisionList.js';
import { Section, type SectionProps } from './Section.js';

/** Changes that are read, and how far back: as far as the bar of time reaches. */
const FIRST = 50;
const FAR_BACK = '14d';

type LinkHistoryProps = Omit<SectionProps, 'id'> & { readonly edge: EdgeInDetail; onTime(at: string): void };

/** What happened to a link, newest first: it comes and goes with its ends. */
export const LinkHistorySection = (props: LinkHistoryProps): JSX.Element => (
  <Section title="History">
    <Revisions {...props} />
  </Section>
);

function Revisions({ edge, at, turn, onTime }: LinkHistoryProps): JSX.Element {
  const { id, relationType, source, target } = edge;
  const [changes, setChanges] = useState<readonly ListedChange[]>();
  const [failure, setFailure] = useState<Failure>();
  const [a, b] = [source.id, target.id];
  useEffect(() => {
    const cancellation = new AbortController();
    const to = at === undefined ? Date.now() : Date.parse(at);
    const filter = { nodes: { id: [a, b] }, edges: { id: [id] } };
    lastChanges(to - durationMs(FAR_BACK), to, FIRST, { filter, kinds: [relationType] }, cancellation.signal)
      .then((found) => {
        setChanges(found);
        setFailure(undefined);
      })
      .catch((error: unknown) => cancellation.signal.aborted || setFailure(failureFrom(error)));
    return () => cancellation.abort();
  }, [id, a, b, relationType, at, turn]);
  return (
    <>
      <Problem message={failure?.message} />
      {changes?.length === 0 && <p className="small muted">Nothing in the last {FAR_BACK}.</p>}
      <RevisionList name="link-history" changes={changes ?? []} onTime={onTime} />
    </>
  );
}
