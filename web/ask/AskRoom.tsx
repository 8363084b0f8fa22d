import { type JSX, useState } from 'react';
import { ask } from '../data/ask.js';
import { type Failure, failureFrom } from '../data/failure.js';
import { graphql, type ResultOf } from '../data/graphql.js';
import { gremlinAt } from '../data/gremlinAt.js';
import { Problem } from '../ui/Problem.js';
import { saveFile } from '../ui/save.js';
import { type Column, Table } from '../ui/Table.js';
import { Tree } from '../ui/Tree.js';
import './ask.css';
import { GremlinEditor } from './GremlinEditor.js';

const Found = graphql(`
  fragment FoundThing on Node {
    __typename
    id
    name
    type
    state
    host
  }
`);

const Run = graphql(
  `
    query RunGremlin($query: String!) {
      gremlin(query: $query) {
        kind
        totalCount
        truncated
        json
        nodes {
          ...FoundThing
        }
        edges {
          id
          relationType
          sourceId
          targetId
        }
        paths {
          length
          nodes {
            ...FoundThing
          }
        }
        values
      }
    }
  `,
  [Found],
);

const Explain = graphql(`
  query ExplainGremlin($query: String!) {
    gremlinExplain(query: $query) {
      gives
      steps {
        step
        takes
        gives
        access
        inDatabase
      }
      cypher {
        statement
        parameters
        isChecked
      }
    }
  }
`);

type Result = ResultOf<typeof Run>['gremlin'];
type Plan = ResultOf<typeof Explain>['gremlinExplain'];
type Thing = NonNullable<Result['nodes']>[number];
type Step = Plan['steps'][number];

interface AskRoomProps {
  readonly at: string | undefined;
  /** The string, as the address has it. */
  readonly text: string | undefined;
  onText(text: string): void;
  /** Shows these things in the picture. */
  onLight(ids: ReadonlySet<string>): void;
  onSelect(selected: { readonly kind: 'node' | 'edge'; readonly id: string }): void;
}

const EXAMPLES = [
  "G.V().Has('Type', 'veth')",
  "G.V().Has('State', 'DOWN')",
  "G.V().Has('Type', 'bridge').Out('RelationType', 'layer2')",
  "G.V().Has('Type', 'netns').Descendants(1)",
];
const KEY = 'canopy.gremlin';

/** Gremlin in Skydive's dialect: results as a table, as JSON and in the picture, and the plan that the string is run by. */
export function AskRoom({ at, text, onText, onLight, onSelect }: AskRoomProps): JSX.Element {
  const query = text ?? localStorage.getItem(KEY) ?? EXAMPLES[0]!;
  const [result, setResult] = useState<Result>();
  const [plan, setPlan] = useState<Plan>();
  const [failure, setFailure] = useState<Failure>();
  const [isRunning, setRunning] = useState(false);
  const [view, setView] = useState<'table' | 'json' | 'plan'>('table');

  const run = async (text: string): Promise<void> => {
    localStorage.setItem(KEY, text);
    setRunning(true);
    setFailure(undefined);
    const asked = gremlinAt(text, at);
    try {
      const [found, explained] = await Promise.all([ask(Run, { query: asked }), ask(Explain, { query: asked })]);
      setResult(found.data.gremlin);
      setPlan(explained.data.gremlinExplain);
    } catch (error) {
      setFailure(placedIn(text, asked, failureFrom(error)));
    } finally {
      setRunning(false);
    }
  };
  const ids = result ? idsOf(result) : [];
  return (
    <section className="room" aria-label="Ask">
      <header className="room-head">
        <h2>Ask in Gremlin</h2>
        <a className="button" href="/explorer">
          GraphQL explorer
        </a>
      </header>
      <GremlinEditor text={query} failure={failure} onText={onText} onRun={(text) => void run(text)} />
      <div className="acts">
        <button className="button is-main" disabled={isRunning || query.trim() === ''} onClick={() => void run(query)}>
          Run
        </button>
        <span className="small muted">Ctrl-Enter</span>
        {EXAMPLES.map((example) => (
          <button key={example} className="link small mono" onClick={() => onText(example)}>
            {example}
          </button>
        ))}
      </div>
      {at !== undefined && (
        <p className="notice">
          Asked about the moment that is looked at: <code>{gremlinAt(query, at)}</code>
        </p>
      )}
      <Problem message={failure?.message} />
      {result && (
        <>
          <div className="acts" role="group" aria-label="Form of the result">
            {(['table', 'json', 'plan'] as const).map((name) => (
              <button key={name} className="button" aria-pressed={view === name} onClick={() => setView(name)}>
                {name === 'table' ? 'Table' : name === 'json' ? 'JSON' : 'Plan'}
              </button>
            ))}
            <span className="muted">
              {result.totalCount} {result.kind.toLowerCase().replace('_', ' ')}
              {result.truncated && ', not all are listed'}
            </span>
            <button className="button" disabled={ids.length === 0} onClick={() => onLight(new Set(ids))}>
              Show in the picture
            </button>
            <button
              className="button"
              onClick={() => saveFile('gremlin.json', new Blob([JSON.stringify(result.json, null, 2)], { type: 'application/json' }))}
            >
              Save JSON
            </button>
          </div>
          {view === 'table' && <ResultTable result={result} onSelect={onSelect} />}
          {view === 'json' && (
            <div className="ask-json">{isTree(result.json) ? <Tree value={result.json} /> : <pre>{JSON.stringify(result.json)}</pre>}</div>
          )}
          {view === 'plan' && plan && <PlanView plan={plan} />}
        </>
      )}
    </section>
  );
}

/** The fault at its place in what was written, where the instant was put in before what was asked. */
function placedIn(written: string, asked: string, failure: Failure): Failure {
  const { line, column } = failure.details;
  const shift = asked.length - written.length;
  if (shift === 0 || line !== 1 || typeof column !== 'number') return failure;
  return { ...failure, details: { ...failure.details, column: Math.max(1, column - shift) } };
}

const isTree = (value: unknown): boolean => typeof value === 'object' && value !== null;

const idsOf = ({ nodes, edges, paths }: Result): readonly string[] => [
  ...(nodes ?? []).map(({ id }) => id),
  ...(edges ?? []).map(({ id }) => id),
  ...(paths ?? []).flatMap((path) => path.nodes.map(({ id }) => id)),
];

const THINGS: readonly Column<Thing>[] = [
  { title: 'Name', value: ({ name }) => name, width: 'minmax(140px, 2fr)' },
  { title: 'Type', value: ({ type }) => type },
  {
    title: 'State',
    value: ({ state }) => state.toLowerCase(),
    show: ({ state }) => <span className={`state-${state}`}>{state.toLowerCase()}</span>,
  },
  { title: 'Host', value: ({ host }) => host },
];
const STEPS: readonly Column<Step>[] = [
  { title: 'Step', value: ({ step }) => step, width: 'minmax(220px, 3fr)', show: ({ step }) => <code>{step}</code> },
  { title: 'Takes', value: ({ takes }) => takes },
  { title: 'Gives', value: ({ gives }) => gives },
  { title: 'Found by', value: ({ access }) => access },
  { title: 'Runs in', value: ({ inDatabase }) => (inDatabase ? 'Neo4j' : 'memory') },
];

/** The steps as they run, and what of them Neo4j is asked. */
function PlanView({ plan }: { readonly plan: Plan }): JSX.Element {
  const { steps, cypher } = plan;
  return (
    <>
      <Table title="Plan" columns={STEPS} rows={steps} keyOf={(step) => `${steps.indexOf(step)}`} />
      <h3>Cypher</h3>
      {cypher ? (
        <>
          <pre className="ask-cypher" tabIndex={0} aria-label="Cypher">
            {cypher.statement}
          </pre>
          <Tree value={cypher.parameters} />
          {cypher.isChecked && <p className="small muted">What it finds is filtered once more in memory.</p>}
        </>
      ) : (
        <p className="small muted">None: Neo4j answers only for the past, where it keeps the history (history.home: neo4j).</p>
      )}
    </>
  );
}

function ResultTable({ result, onSelect }: { readonly result: Result; onSelect: AskRoomProps['onSelect'] }): JSX.Element {
  if (result.nodes) {
    return (
      <Table
        title="Nodes"
        columns={THINGS}
        rows={result.nodes}
        keyOf={({ id }) => id}
        onChoose={({ id }) => onSelect({ kind: 'node', id })}
        isTall
      />
    );
  }
  if (result.edges) {
    const columns: readonly Column<NonNullable<Result['edges']>[number]>[] = [
      { title: 'Relation', value: ({ relationType }) => relationType },
      { title: 'From', value: ({ sourceId }) => sourceId, width: 'minmax(140px, 2fr)' },
      { title: 'To', value: ({ targetId }) => targetId, width: 'minmax(140px, 2fr)' },
    ];
    return (
      <Table
        title="Edges"
        columns={columns}
        rows={result.edges}
        keyOf={({ id }) => id}
        onChoose={({ id }) => onSelect({ kind: 'edge', id })}
        isTall
      />
    );
  }
  if (result.paths) {
    const columns: readonly Column<NonNullable<Result['paths']>[number]>[] = [
      { title: 'Links', value: ({ length }) => length, isNumber: true },
      { title: 'Way', value: ({ nodes }) => nodes.map(({ name }) => name).join(' → '), width: 'minmax(300px, 6fr)' },
    ];
    return <Table title="Paths" columns={columns} rows={result.paths} keyOf={(path) => path.nodes.map(({ id }) => id).join()} isTall />;
  }
  if (result.values) {
    const rows = result.values.map((value, index) => ({ value, index }));
    const columns: readonly Column<(typeof rows)[number]>[] = [
      { title: 'Value', value: ({ value }) => (typeof value === 'string' ? value : JSON.stringify(value)) },
    ];
    return <Table title="Values" columns={columns} rows={rows} keyOf={({ index }) => String(index)} isTall />;
  }
  return <div className="ask-json">{isTree(result.json) ? <Tree value={result.json} /> : <pre>{JSON.stringify(result.json)}</pre>}</div>;
}
