import { getNamedType, isAbstractType, isLeafType, isNonNullType, isObjectType } from 'graphql';
import type { GraphQLField, GraphQLNamedType } from 'graphql';
import { buildCanopySchema } from '../../../resolvers/build.js';
import { rootFields, type RootField } from './rootFields.js';
import { FIELDS } from './rules.js';

export const schema = buildCanopySchema();
export const fields = rootFields(schema);

const REQUIRED: Readonly<Record<string, string>> = { TimeRange: '{ from: "-1h" }', Duration: '"10s"', String: '"Name"', ID: '"moved"' };

/** Everything that a type has, some levels deep. */
function selectionOf(type: GraphQLNamedType, depth: number): string {
  if (isLeafType(type)) return '';
  const parts = isAbstractType(type)
    ? schema.getPossibleTypes(type).map((one) => `... on ${one.name} ${selectionOf(one, depth)}`)
    : isObjectType(type)
      ? Object.values(type.getFields()).flatMap((field) => fieldOf(field, type.name, depth))
      : [];
  return `{ __typename ${parts.join(' ')} }`;
}

function fieldOf(field: GraphQLField<unknown, unknown>, owner: string, depth: number): string[] {
  const type = getNamedType(field.type);
  if (!isLeafType(type) && depth === 0) return [];
  const args = field.args.filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined);
  const given = args.map((arg) => `${arg.name}: ${REQUIRED[getNamedType(arg.type).name]}`).join(', ');
  // Kinds have fields of one name and different types: each under its own.
  return [`${owner}_${field.name}: ${field.name}${given === '' ? '' : `(${given})`} ${selectionOf(type, depth - 1)}`];
}

/** Arguments that look everywhere; others are those of the role walk. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'Query.node': [
    'id: "redword"',
    'id: "moved"',
    'id: "given"',
    'id: "blueword-if"',
    'id: "moved", at: "-5.5s"',
    'id: "blueword-if", at: "-5.5s"',
  ],
  'Query.edge': ['id: "blueword-if-redword-link-redword-if"'],
  'Query.nodes': ['', 'at: "-6s"', 'filter: { search: "redword" }', 'filter: { metadata: [{ path: "Password", exists: true }] }'],
  'Query.changes': ['between: { from: "-1h" }'],
  'Query.changeHistogram': ['between: { from: "-1h" }, step: "10s"'],
  'Query.topology': ['', 'at: "-6s"', "filter: { gremlin: \"G.V().Has('Tenant', 'red')\" }"],
  'Query.topologyDiff': ['from: "-6s"', 'from: "-1h"'],
  'Query.topologyOverview': ['', 'groupBy: METADATA, metadataPath: "Tenant"', 'groupBy: METADATA, metadataPath: "Password"'],
  'Query.shortestPaths': ['from: { name: { eq: "blueword" } }, to: { name: { eq: "redword" } }'],
  'Query.flows': ['', 'between: { from: "-1h" }', 'filter: { address: { eq: "203.0.113.66" } }'],
  'Query.flowSummary': ['between: { from: "-1h" }, groupBy: [A_ADDRESS, A_NODE, CAPTURE_NODE]'],
  'Query.gremlin': [
    ...['G', 'G.V()', 'G.E()', 'G.V().Metrics()', 'G.Flows()', 'G.Flows().RawPackets()', 'G.V().Keys()', "G.V('blueword-if').Both()"],
    ...[
      "G.At('-6s').V()",
      "G.At('-1s', 3600).V()",
      "G.At('-1s', 3600).V().Metrics()",
      "G.At('-1s', 3600).Flows()",
      "G.V().Has('Name', 'redword')",
    ],
  ].map((query) => `query: ${JSON.stringify(query)}`),
  'Query.gremlinCompletions': [`query: "G.V().Has('Name', '"`, `query: "G.V().Has('"`],
  'Subscription.flowChanges': ['batch: { every: "250ms" }'],
  'Subscription.topologyChanges': ['', 'filter: { nodes: { search: "redword" } }'],
  'Subscription.gremlinChanges': ['query: "G.V()"', 'query: "G.E()"'],
};

/** Fields in which everybody finds a secret: with that the walk cannot pass by looking at nothing. */
export const TELLING = [
  ...[
    'agents',
    'audit',
    'captures',
    'changes',
    'edge',
    'edges',
    'edgeRules',
    'flowSummary',
    'flows',
    'gremlin',
    'gremlinCompletions',
    'node',
  ],
  ...['nodeRules', 'nodes', 'status', 'topology', 'topologyDiff', 'topologyOverview', 'views', 'shortestPaths'],
].map((name) => `Query.${name}`);

/** Elements of events have their own fields only. */
const EVENTS = `... on TopologySnapshot { nodes { id host metadata } edges { id metadata } }
  ... on TopologyChanges { changes { op reason element { ... on Node { id host metadata } ... on Edge { id metadata } } paths { path before after } } }`;

/** Asks for everything that the field has, in each way in which something of others might be seen. */
export const documentsOf = ({ type, field, name }: RootField, depth: number): string[] =>
  (ARGUMENTS[name] ?? [FIELDS[name]![1] ?? '']).map(
    (args) =>
      `${type.toLowerCase()} { ${field.name}${args === '' ? '' : `(${args})`} ${name === 'Subscription.topologyChanges' ? `{ ${EVENTS} }` : selectionOf(getNamedType(field.type), depth)} }`,
  );
