import { namedId } from '../../common/ids.js';
import type { JsonObject } from '../../common/json.js';
import type { KeptDocument } from '../keptDocuments.js';
import { CHECK_CONNECTIVITY, CHECK_MTU, FLOW_MATRIX, FLOW_VALIDATION } from './sources.js';

/** One of a workflow's arguments, as its form shows it. */
const parameter = (Name: string, Type: string, Description: string, more: JsonObject = {}): JsonObject => ({
  Name,
  Description,
  Type,
  ...more,
});

const choices = (...values: readonly [value: string, description: string][]): JsonObject => ({
  Default: values[0]![0],
  Values: values.map(([Value, Description]) => ({ Value, Description })),
});

/** An end of what is looked at: people pick a node, scripts give its id or its `TID`. */
const ENDS = [parameter('source', 'node', 'Where packets come from'), parameter('destination', 'node', 'Where they are to arrive')];

const WORKFLOWS: readonly JsonObject[] = [
  {
    Name: 'CheckConnectivity',
    Title: 'Check connectivity',
    Abstract: 'Sends packets from one interface to another and says whether they pass',
    Description:
      'Captures on every interface of the shortest path, sends five ICMP echo requests, and returns whether they were seen and in which flows.',
    Parameters: ENDS,
    Source: CHECK_CONNECTIVITY,
  },
  {
    Name: 'CheckMTU',
    Title: 'Check MTU',
    Abstract: 'Says whether the MTU shrinks on the way from one interface to another',
    Description: 'Walks the shortest path. False where an interface takes shorter packets than the one before it.',
    Parameters: ENDS,
    Source: CHECK_MTU,
  },
  {
    Name: 'FlowMatrix',
    Title: 'Flow matrix',
    Abstract: 'Draws which processes speak with which',
    Description:
      'Joins the sockets that hosts have open, and flows where they are asked for, to a graph of processes and their connections.',
    Parameters: [
      parameter('useFlows', 'boolean', 'Connections that were captured, too', { Default: false }),
      parameter('format', 'choice', 'What is returned', choices(['graph', 'Nodes and edges'], ['dot', 'Text for Graphviz'])),
      parameter('debug', 'boolean', 'What was joined, too', { Default: false }),
    ],
    Source: FLOW_MATRIX,
  },
  {
    Name: 'FlowValidation',
    Title: 'Flow validation',
    Abstract: 'Says whether traffic passes checkpoints',
    Description: 'Captures the traffic at the checkpoints for some time, and names those that it did not reach.',
    Parameters: [
      parameter('Checkpoint-1', 'node', 'The first'),
      parameter('Checkpoint-2', 'node', 'The second'),
      parameter('All', 'boolean', 'Every node of the shortest path between them, too', { Default: false }),
      parameter('Protocol', 'choice', 'Of the traffic', choices(['icmp', 'ICMP'], ['tcp', 'TCP'], ['udp', 'UDP'])),
      parameter('Source-IP', 'string', 'Address from which it comes; any, where it is empty', { Default: '' }),
      parameter('Destination-IP', 'string', 'Address to which it goes; any, where it is empty', { Default: '' }),
      parameter('ID/Port', 'integer', 'ICMP identification, or port of TCP and UDP; any, where it is 0', { Default: 0 }),
      parameter('Time', 'integer', 'Seconds', { Default: 10 }),
    ],
    Source: FLOW_VALIDATION,
  },
];

/** Workflows that come with the analyzer, in the form in which people write their own. The id is that of the name, everywhere. */
export const BUNDLED_WORKFLOWS: readonly KeptDocument[] = WORKFLOWS.map((value) => ({
  id: namedId('workflow', String(value.Name)),
  value,
}));
