import { type JSX, useEffect, useState } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { bytes } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { NodeFlows } from './documents.js';
import { Section, type SectionProps } from './Section.js';
import type { ResultOf } from '../data/graphql.js';

type FlowsProps = SectionProps & { onFlow(id: string): void; onFlows(): void };
type FlowRow = NonNullable<NonNullable<ResultOf<typeof NodeFlows>['node']>['flows']>['nodes'][number];

/** Milliseconds between two looks at the present: agents are asked for it. */
const AGAIN_MS = 5_000;

const endOf = ({ network, link, transport }: FlowRow, end: 'a' | 'b'): string => {
  const address = network?.[end] ?? link?.[end] ?? '';
  return transport ? `${address.includes(':') ? `[${address}]` : address}:${transport[end]}` : address;
};

const COLUMNS: readonly Column<FlowRow>[] = [
  { title: 'From', value: (flow) => endOf(flow, 'a'), width: 'minmax(110px, 1fr)' },
  { title: 'To', value: (flow) => endOf(flow, 'b'), width: 'minmax(110px, 1fr)' },
  { title: 'Application', value: ({ application }) => application },
  {
    title: 'Bytes',
    value: ({ total }) => total.abBytes + total.baBytes,
    show: ({ total }) => bytes(total.abBytes + total.baBytes),
    isNumber: true,
  },
];

/** The latest flows that were captured on it. */
export const FlowsSection = (props: FlowsProps): JSX.Element => (
  <Section title="Flows">
    <FlowTable {...props} />
  </Section>
);

function FlowTable({ id, at, onFlow, onFlows }: FlowsProps): JSX.Element {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (at !== undefined) return;
    const timer = setInterval(() => setTurn((count) => count + 1), AGAIN_MS);
    return () => clearInterval(timer);
  }, [at]);
  const { data, failure } = useAnswer(NodeFlows, { id, at: at ?? null }, { subject: id, turn });
  const flows = data?.node?.flows;
  return (
    <>
      <Problem message={failure?.message} />
      <Table
        title="Latest flows"
        columns={COLUMNS}
        rows={flows?.nodes ?? []}
        keyOf={(flow) => flow.id}
        onChoose={(flow) => onFlow(flow.id)}
        empty="None: flows come from captures."
      />
      <p className="section-acts">
        <button className="button" onClick={onFlows}>
          {flows && flows.totalCount > flows.nodes.length ? `All ${flows.totalCount}` : 'Flows'}
        </button>
      </p>
    </>
  );
}
