import type { JSX } from 'react';
import type { Failure } from '../data/failure.js';
import type { ResultOf } from '../data/graphql.js';
import { count } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import type { CapturePreview } from './documents.js';

export type Previewed = NonNullable<ResultOf<typeof CapturePreview>['capturePreview']>;
type Row = Previewed['nodes'][number];

/** Nodes from which on somebody is asked whether they mean it: each costs its host memory for packets. */
const MANY = 50;

const reasonOf = ({ impossible, isConnected }: Row): string =>
  [impossible, isConnected ? null : 'its agent is not connected; it begins when that comes back'].filter(Boolean).join('; ');

/** Other kinds of capture that it could have. */
const othersOf = ({ type, node }: Row): string =>
  (node.captureAbilities ?? [])
    .flatMap((ability) => (ability.impossible === null && ability.type !== type ? [ability.type.toLowerCase()] : []))
    .join(', ');

const whyNot = ({ type, node }: Row): string =>
  (node.captureAbilities ?? [])
    .flatMap((ability) =>
      ability.impossible !== null && ability.type !== type ? [`${ability.type.toLowerCase()}: ${ability.impossible}`] : [],
    )
    .join('; ');

const isPossible = ({ impossible }: Row): boolean => impossible === null;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'Node', value: ({ node }) => node.name },
  { title: 'Kind', value: ({ node }) => node.type },
  { title: 'Host', value: ({ node }) => node.host, width: 'minmax(110px, 1fr)' },
  {
    title: 'How',
    value: (row) => (isPossible(row) ? row.type?.toLowerCase() : 'not possible'),
    show: (row) => (
      <span className={`state-${isPossible(row) ? (row.isConnected ? 'UP' : 'OTHER') : 'DOWN'}`}>
        {isPossible(row) ? (row.type?.toLowerCase() ?? '–') : 'not possible'}
      </span>
    ),
  },
  { title: 'Why', value: (row) => reasonOf(row) || null, width: 'minmax(180px, 2.4fr)' },
  { title: 'Could also be', value: (row) => othersOf(row) || null, width: 'minmax(120px, 1.2fr)' },
  { title: 'Cannot be, and why', value: (row) => whyNot(row) || null, width: 'minmax(180px, 3fr)' },
];

interface PreviewProps {
  readonly preview: Previewed | undefined;
  readonly failure: Failure | undefined;
  readonly isAsking: boolean;
}

/** Before a capture starts: which nodes match, how each would be captured, and why one cannot be. */
export function Preview({ preview, failure, isAsking }: PreviewProps): JSX.Element {
  return (
    <section className="capture-preview" aria-label="What would be captured">
      <Problem message={failure?.message} />
      <p aria-live="polite">{preview ? inWords(preview) : isAsking ? 'Looking what matches…' : ''}</p>
      {preview?.duplicateOf && (
        <Problem message={`${preview.duplicateOf.name || 'A capture'} does the same already: stop that one, or ask for something else.`} />
      )}
      {preview && preview.total > MANY && (
        <p className="notice is-warning" role="alert">
          These are many: each of the {count(preview.total)} nodes costs its host memory and time as long as the capture runs. Narrow it, or
          let it end soon.
        </p>
      )}
      {preview && preview.nodes.length > 0 && (
        <Table title="Nodes that match" columns={COLUMNS} rows={preview.nodes} keyOf={({ node }) => node.id} />
      )}
      {preview && preview.total > preview.nodes.length && (
        <p className="small muted">The first {count(preview.nodes.length)} are listed.</p>
      )}
    </section>
  );
}

function inWords({ total, nodes }: Previewed): string {
  if (total === 0) return 'Nothing matches now; the capture begins when something does.';
  const hosts = new Set(nodes.map(({ node }) => node.host)).size;
  const cannot = nodes.filter((row) => !isPossible(row)).length;
  const away = nodes.filter((row) => isPossible(row) && !row.isConnected).length;
  return [
    `${count(total)} ${total === 1 ? 'node matches' : 'nodes match'} on ${hosts === 1 ? '1 host' : `${count(hosts)} hosts`}`,
    cannot > 0 && `${cannot === total ? 'none of them' : `${count(cannot)} of them not`} possible`,
    away > 0 && `${count(away)} begin when their agent is back`,
  ]
    .filter(Boolean)
    .join('; ');
}
