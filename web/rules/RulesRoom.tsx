import { type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { failureFrom } from '../data/failure.js';
import { useMay } from '../data/rights.js';
import { useAnswer } from '../data/useAnswer.js';
import { oneLine } from '../ui/format.js';
import { Icon } from '../ui/Icon.js';
import { Problem } from '../ui/Problem.js';
import { SureButton } from '../ui/SureButton.js';
import { type Column, Table } from '../ui/Table.js';
import { DeleteRule, type EdgeRule, type NodeRule, Rules } from './documents.js';
import { EdgeRuleForm, NodeRuleForm } from './forms.js';

const ACTIONS = { CREATE: 'keeps a node', UPDATE: 'lays values over' } as const;

const NODE_COLUMNS: readonly Column<NodeRule>[] = [
  { title: 'Name', value: ({ name }) => name },
  { title: 'Does', value: ({ action }) => ACTIONS[action], width: 'minmax(120px, 1fr)', yields: 3 },
  { title: 'Nodes', value: ({ gremlin }) => gremlin, width: 'minmax(160px, 2fr)', yields: 2 },
  { title: 'Metadata', value: ({ metadata }) => oneLine(metadata), width: 'minmax(160px, 2fr)', yields: 4 },
  { title: 'For', value: ({ description }) => description, yields: 5 },
];

const relationOf = ({ metadata }: EdgeRule): string => oneLine((metadata as { readonly RelationType?: unknown }).RelationType);

const EDGE_COLUMNS: readonly Column<EdgeRule>[] = [
  { title: 'Name', value: ({ name }) => name },
  { title: 'Relation', value: relationOf, yields: 3 },
  { title: 'From', value: ({ source }) => source, width: 'minmax(160px, 2fr)', yields: 1 },
  { title: 'To', value: ({ target }) => target, width: 'minmax(160px, 2fr)', yields: 2 },
  { title: 'Metadata', value: ({ metadata }) => oneLine(metadata), width: 'minmax(140px, 1fr)', yields: 4 },
  { title: 'For', value: ({ description }) => description, yields: 5 },
];

/** Rules by which the analyzer keeps nodes, values and links in the topology that nobody sees by himself: list, make, end. */
export function RulesRoom(): JSX.Element {
  const [turn, setTurn] = useState(0);
  const [asking, setAsking] = useState<'nodes' | 'links'>();
  const [problem, setProblem] = useState<string>();
  const [mayNodes, mayLinks] = [useMay('noderule:write'), useMay('edgerule:write')];
  const { data, failure } = useAnswer(Rules, {}, { turn });
  const again = (): void => {
    setAsking(undefined);
    setTurn((now) => now + 1);
  };
  const end = (id: string): void => {
    setProblem(undefined);
    ask(DeleteRule, { id })
      .then(again)
      .catch((error: unknown) => setProblem(failureFrom(error).message));
  };
  const acts = <Rule extends { readonly id: string; readonly name: string }>(): Column<Rule> => ({
    title: 'Acts',
    isAct: true,
    value: () => null,
    show: ({ id, name }) => (
      <SureButton sure="Really? What it made goes" label={`Delete ${name || 'the rule'}`} onSure={() => end(id)}>
        Delete
      </SureButton>
    ),
    width: 'minmax(190px, 1fr)',
  });
  return (
    <section className="room" aria-label="Rules">
      <header className="room-head">
        <h2>Rules of the topology</h2>
        {mayNodes && (
          <button className="button" aria-expanded={asking === 'nodes'} onClick={() => setAsking(asking === 'nodes' ? undefined : 'nodes')}>
            <Icon name="plus" /> For nodes
          </button>
        )}
        {mayLinks && (
          <button className="button" aria-expanded={asking === 'links'} onClick={() => setAsking(asking === 'links' ? undefined : 'links')}>
            <Icon name="plus" /> For links
          </button>
        )}
      </header>
      <p className="small muted">What no agent sees can be kept by a rule: a switch, a cable to it, the rack in which a host stands.</p>
      <Problem message={problem ?? failure?.message} />
      {asking === 'nodes' && <NodeRuleForm onDone={again} />}
      {asking === 'links' && <EdgeRuleForm onDone={again} />}
      {data && (
        <>
          <Table
            title="Rules for nodes"
            heading="For nodes"
            columns={mayNodes ? [...NODE_COLUMNS, acts<NodeRule>()] : NODE_COLUMNS}
            rows={data.nodeRules}
            keyOf={({ id }) => id}
            empty={
              <>
                No rule makes nodes. {mayNodes ? 'Make one with “For nodes” above. ' : ''}A rule keeps a node that no agent sees, such as a
                switch with the name and type that you give it, or lays values over nodes that a Gremlin string finds, such as{' '}
                <code>{'{"Rack": "r12"}'}</code> over all nodes of a host. It holds for what comes later too.
              </>
            }
          />
          <Table
            title="Rules for links"
            heading="For links"
            columns={mayLinks ? [...EDGE_COLUMNS, acts<EdgeRule>()] : EDGE_COLUMNS}
            rows={data.edgeRules}
            keyOf={({ id }) => id}
            empty={
              <>
                No rule makes links. {mayLinks ? 'Make one with “For links” above. ' : ''}A rule draws a link from all nodes that one
                Gremlin string finds to all that another finds, such as from a switch of a rule to{' '}
                <code>{"G.V().Has('Name', 'eth0')"}</code>.
              </>
            }
          />
        </>
      )}
    </section>
  );
}
