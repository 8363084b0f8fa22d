import { type JSX, useEffect, useMemo, useState } from 'react';
import { graphql, type ResultOf, type VariablesOf } from '../data/graphql.js';
import { type Grouping, labelOf } from '../data/grouping.js';
import { layerOf, type LinksBetween, linksOf, nodesAt } from '../data/linksBetween.js';
import { countsUntil, type Rates, type Traffic, trafficOf } from '../data/traffic.js';
import { useAnswer } from '../data/useAnswer.js';
import { Facts } from '../ui/Facts.js';
import { bits } from '../ui/format.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import type { DetailsProps } from './DetailsRoom.js';

/** The nodes at both places with the edges between them; which of the nodes are at the first; and what the links between groups come to. */
const LinksBetweenTwo = graphql(`
  query LinksBetweenTwo(
    $both: TopologyFilter!
    $first: TopologyFilter!
    $groupBy: GroupBy
    $metadataPath: String
    $isOfGroups: Boolean!
    $at: DateTime
  ) {
    both: topology(filter: $both, at: $at) {
      at
      truncated
      nodes {
        id
        name
        type
        state
        ... on NetworkInterface {
          kind
          rates {
            start
            end
            rxBitsPerSecond
            txBitsPerSecond
          }
        }
      }
      edges {
        id
        relationType
        sourceId
        targetId
      }
    }
    first: topology(filter: $first, at: $at) {
      nodes {
        id
      }
    }
    topologyOverview(filter: $both, groupBy: $groupBy, metadataPath: $metadataPath, at: $at) @include(if: $isOfGroups) {
      links {
        a
        b
        abBitsPerSecond
        baBitsPerSecond
      }
    }
  }
`);

type Answer = ResultOf<typeof LinksBetweenTwo>;
type End = Answer['both']['nodes'][number];

interface Link {
  readonly id: string;
  readonly relation: string;
  readonly a: End;
  readonly b: End;
  /** From `a` to `b`, and back; `undefined` where nothing counts. */
  readonly traffic: Traffic | undefined;
}

const OWNERSHIP = 'ownership';
const LAYER_NAMES = { layer2: 'layer 2', overlay: 'overlay', layer3: 'layer 3' } as const;

const COLUMNS: readonly Column<Link>[] = [
  { title: 'One end', value: ({ a }) => a.name, width: 'minmax(84px, 1fr)' },
  { title: 'Other end', value: ({ b }) => b.name, width: 'minmax(84px, 1fr)' },
  { title: 'Relation', value: ({ relation }) => relation, width: 'minmax(64px, 0.8fr)', yields: 1 },
  {
    title: 'State',
    value: ({ a, b }) => (a.state === b.state ? a.state : `${a.state} – ${b.state}`).toLowerCase(),
    width: 'minmax(56px, 0.7fr)',
    yields: 2,
  },
  {
    title: 'Rate',
    value: ({ traffic }) => traffic && traffic.forth + traffic.back,
    show: ({ traffic }) => (traffic ? bits(traffic.forth + traffic.back) : '–'),
    isNumber: true,
    width: 'minmax(84px, 0.8fr)',
  },
];

/** Milliseconds from an answer to the next look at what moves now. */
const AGAIN_MS = 5_000;

/** Many links that the picture draws as one: between what they are, how many of each kind, what they carry, and each by itself. */
export function LinksPanel({ id, at, grouping, onSelect }: DetailsProps & { readonly id: string }): JSX.Element {
  const between = linksOf(id);
  const [turn, setTurn] = useState(0);
  const { data, failure, isAsking } = useAnswer(LinksBetweenTwo, between && { ...variablesOf(between, grouping), at: at ?? null }, {
    subject: id,
    turn,
  });
  useEffect(() => {
    // Who asks again while the answer is on its way may never get one.
    if (at !== undefined || isAsking) return;
    const timer = setTimeout(() => setTurn((now) => now + 1), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [at, isAsking]);
  const links = useMemo(() => (between && data ? linksIn(between, data) : []), [id, data]);
  if (!between) return <p className="muted details-body">There is no such bundle of links.</p>;
  const nameOf = (end: string): string =>
    between.ends === 'groups' ? labelOf(end) || 'without a value' : (data?.both.nodes.find((node) => node.id === end)?.name ?? end);
  const relations = new Map<string, number>();
  for (const { relation } of links) relations.set(relation, (relations.get(relation) ?? 0) + 1);
  const sum = data?.topologyOverview?.links.find(({ a, b }) => [a, b].sort().join() === [between.a, between.b].sort().join());
  const rates = sum
    ? sum.a === between.a
      ? [sum.abBitsPerSecond, sum.baBitsPerSecond]
      : [sum.baBitsPerSecond, sum.abBitsPerSecond]
    : summed(links);
  const place = (end: string): JSX.Element => (
    <button className="link" dir="auto" onClick={() => onSelect({ kind: between.ends === 'groups' ? 'group' : 'node', id: end })}>
      {nameOf(end)}
    </button>
  );
  return (
    <div className="details-body">
      <header>
        <p className="small muted">Links{between.layer && ` · ${LAYER_NAMES[between.layer]}`}</p>
        <h2 className="details-name" dir="auto">
          {nameOf(between.a)} – {nameOf(between.b)}
        </h2>
      </header>
      <Problem message={failure?.message} />
      {data && (
        <Facts
          facts={[
            ['Between', place(between.a)],
            ['And', place(between.b)],
            ...[...relations].map(([relation, count]) => [relation, count] as const),
            ...(rates.some((rate) => rate !== null)
              ? ([
                  [`To ${nameOf(between.b)}`, bits(rates[0] ?? 0)],
                  [`To ${nameOf(between.a)}`, bits(rates[1] ?? 0)],
                ] as const)
              : []),
          ]}
        />
      )}
      {data?.both.truncated && <p className="notice">Not every link is listed: there are too many things at these two places.</p>}
      {data ? (
        <Table
          title="Links between the two"
          columns={COLUMNS}
          rows={links}
          keyOf={(link) => link.id}
          onChoose={(link) => onSelect({ kind: 'edge', id: link.id })}
          empty={at === undefined ? 'There are none any more. Go back in time to see them.' : 'There were none at this instant.'}
        />
      ) : (
        isAsking && <p className="muted">Reading…</p>
      )}
    </div>
  );
}

function variablesOf(between: LinksBetween, grouping: Grouping): Omit<VariablesOf<typeof LinksBetweenTwo>, 'at'> {
  const { ends, a, b } = between;
  const [atA, atB] = [nodesAt(between, a, grouping), nodesAt(between, b, grouping)];
  return {
    // Who owns what decides in which area a thing stands.
    both: { nodes: { or: [atA, atB] }, ...(ends === 'groups' && { edges: { relationType: { ne: OWNERSHIP } } }) },
    first: { nodes: atA, edges: { id: [] } },
    groupBy: grouping.by,
    metadataPath: grouping.by === 'METADATA' ? grouping.path : null,
    isOfGroups: ends === 'groups',
  };
}

/** The links that lead from one place to the other, each with its end at the first place first. */
function linksIn({ layer, ends, a, b }: LinksBetween, { both, first }: Answer): readonly Link[] {
  const nodes = new Map(both.nodes.map((node) => [node.id, node]));
  const rates = new Map(both.nodes.map((node) => [node.id, ratesOf(node, Date.parse(both.at))]));
  const owners = new Map(both.edges.flatMap((edge) => (edge.relationType === OWNERSHIP ? [[edge.targetId, edge.sourceId]] : [])));
  const firsts = new Set(first.nodes.map((node) => node.id));
  const placeOf = (id: string): string | undefined => (ends === 'owners' ? owners.get(id) : firsts.has(id) ? a : b);
  return both.edges.flatMap(({ id, relationType, sourceId, targetId }) => {
    if (relationType === OWNERSHIP || (layer !== undefined && layerOf(relationType) !== layer)) return [];
    const [source, target] = [nodes.get(sourceId), nodes.get(targetId)];
    if (!source || !target) return [];
    const [from, to] = [placeOf(sourceId), placeOf(targetId)];
    const traffic = trafficOf({ relationType, sourceId, targetId }, nodes, rates);
    if (from === a && to === b) return [{ id, relation: relationType, a: source, b: target, traffic }];
    const reversed = traffic && { forth: traffic.back, back: traffic.forth };
    return from === b && to === a ? [{ id, relation: relationType, a: target, b: source, traffic: reversed }] : [];
  });
}

/** What moves through an end at the moment of the answer; nothing where it was silent since. */
function ratesOf(end: End, at: number): Rates {
  const rate = 'rates' in end ? end.rates?.[0] : undefined;
  if (!rate) return { rx: undefined, tx: undefined };
  const isOver = countsUntil(Date.parse(rate.start), Date.parse(rate.end)) < at;
  return isOver ? { rx: 0, tx: 0 } : { rx: rate.rxBitsPerSecond, tx: rate.txBitsPerSecond };
}

/** What all links carry together, there and back; `null` where nothing counts. */
function summed(links: readonly Link[]): readonly (number | null)[] {
  const known = links.flatMap(({ traffic }) => traffic ?? []);
  if (known.length === 0) return [null, null];
  return [known.reduce((sum, { forth }) => sum + forth, 0), known.reduce((sum, { back }) => sum + back, 0)];
}
