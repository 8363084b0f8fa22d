import { askWhole } from '../../client/ask.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { metadataOption, readMetadata } from '../ask/values.js';
import { defineCommand } from '../command.js';
import { CanopyError } from '../../common/errors.js';
import type { JsonObject } from '../../common/json.js';
import { OK } from '../exitCodes.js';
import { outputOption, printData, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';

const USAGE = 'See canopy help rule.';

interface Rule {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly metadata: JsonObject;
}
interface NodeRule extends Rule {
  readonly action: string;
  readonly gremlin: string | null;
}
interface EdgeRule extends Rule {
  readonly source: string;
  readonly target: string;
}

const NODE_RULE = 'id name description action gremlin metadata';
const EDGE_RULE = 'id name description source target metadata';
const LIST = `{ nodeRules { ${NODE_RULE} } edgeRules { ${EDGE_RULE} } }`;
const CREATE_NODE = `mutation ($input: CreateNodeRuleInput!) { createNodeRule(input: $input) { rule { ${NODE_RULE} } } }`;
const CREATE_EDGE = `mutation ($input: CreateEdgeRuleInput!) { createEdgeRule(input: $input) { rule { ${EDGE_RULE} } } }`;
const DELETE = 'mutation ($id: ID!) { deleteRule(id: $id) { id } }';

const isEdgeRule = (rule: NodeRule | EdgeRule): rule is EdgeRule => 'source' in rule;

const COLUMNS: readonly Column<NodeRule | EdgeRule>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'MAKES', value: (rule) => (isEdgeRule(rule) ? 'edges' : rule.action === 'CREATE' ? 'a node' : 'values') },
  { title: 'FOR', value: (rule) => (isEdgeRule(rule) ? `${rule.source} → ${rule.target}` : rule.gremlin) },
  { title: 'METADATA', value: ({ metadata }) => JSON.stringify(metadata) },
];

export const command = defineCommand({
  name: 'rule',
  summary: 'make, list and delete rules that keep nodes, values and edges in the graph',
  details: [
    'create-node keeps a node there. update-nodes lays values over every node that a string finds. create-edges links every node of one string with every',
    'node of another. All of it is kept up as the graph changes, and goes with the rule.',
  ],
  positionals: [
    { name: 'ACTION', doc: 'what to do', choices: ['create-node', 'update-nodes', 'create-edges', 'list', 'get', 'delete'] },
    { name: 'ID', doc: 'which rule, for get and delete', optional: true },
  ],
  options: {
    name: { type: 'text', placeholder: 'TEXT', doc: 'a name for people' },
    description: { type: 'text', placeholder: 'TEXT', doc: 'what it is for' },
    'node-name': { type: 'text', placeholder: 'NAME', doc: 'create-node: name of the node' },
    'node-type': { type: 'text', placeholder: 'TYPE', doc: 'create-node: its type' },
    gremlin: { type: 'text', short: 'g', placeholder: 'QUERY', doc: 'update-nodes: which nodes' },
    source: { type: 'text', placeholder: 'QUERY', doc: 'create-edges: where they start' },
    target: { type: 'text', placeholder: 'QUERY', doc: 'create-edges: where they end' },
    relation: { type: 'text', placeholder: 'TYPE', doc: 'create-edges: type of the relation' },
    metadata: metadataOption,
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'rule create-node --node-name tor-1 --node-type fabric', says: 'a switch that is always there' },
    {
      line: `rule create-edges --source "G.V().Has('Name', 'tor-1')" --target "G.V().Has('Name', 'eth0')" --relation layer2`,
      says: 'its cables to every eth0, also of hosts to come',
    },
    {
      line: `rule update-nodes --gremlin "G.V().Has('@Host', 'web-1')" --metadata Site.Rack=r12`,
      says: 'where everything of a host stands',
    },
    { line: 'rule list', says: 'all rules' },
  ],
  async run({ options, positionals: [action, id], terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const needId = (): string => {
      if (id === undefined) throw usageError(`rule ${action} needs the id of a rule`, USAGE);
      return id;
    };
    const need = (flag: 'node-name' | 'node-type' | 'gremlin' | 'source' | 'target' | 'relation'): string => {
      const value = options[flag];
      if (value === undefined) throw usageError(`rule ${action} needs --${flag}`, USAGE);
      return value;
    };
    const { name, description } = options;
    const metadata = readMetadata(options.metadata);
    const list = async (): Promise<(NodeRule | EdgeRule)[]> => {
      const { nodeRules, edgeRules } = await askWhole<{ nodeRules: NodeRule[]; edgeRules: EdgeRule[] }>(analyzer, { document: LIST });
      return [...nodeRules, ...edgeRules];
    };
    const createNodeRule = async (input: object): Promise<NodeRule> =>
      (
        await askWhole<{ createNodeRule: { rule: NodeRule } }>(analyzer, {
          document: CREATE_NODE,
          variables: { input: { name, description, ...input } },
        })
      ).createNodeRule.rule;
    const show = (rules: readonly (NodeRule | EdgeRule)[]): Promise<void> => printRows(rules, COLUMNS, options.output, terminal);
    switch (action) {
      case 'list': {
        const rules = await list();
        await show(rules);
        if (rules.length === 0) terminal.err('no rules\n');
        return OK;
      }
      case 'get': {
        const found = (await list()).find((rule) => rule.id === needId());
        if (found === undefined) throw new CanopyError('NOT_FOUND', `there is no rule ${needId()}`);
        await printData(found, options.output === 'yaml' ? 'yaml' : 'json', terminal);
        return OK;
      }
      case 'delete':
        await askWhole(analyzer, { document: DELETE, variables: { id: needId() } });
        return OK;
      case 'create-node':
        await show([
          await createNodeRule({ action: 'CREATE', metadata: { ...metadata, Name: need('node-name'), Type: need('node-type') } }),
        ]);
        return OK;
      case 'update-nodes':
        await show([await createNodeRule({ action: 'UPDATE', gremlin: need('gremlin'), metadata })]);
        return OK;
      default: {
        const input = { name, description, source: need('source'), target: need('target'), relationType: need('relation'), metadata };
        const { createEdgeRule } = await askWhole<{ createEdgeRule: { rule: EdgeRule } }>(analyzer, {
          document: CREATE_EDGE,
          variables: { input },
        });
        await show([createEdgeRule.rule]);
        return OK;
      }
    }
  },
});
