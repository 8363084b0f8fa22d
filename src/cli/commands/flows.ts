import { interruption } from '../ask/interrupt.js';
import { askRows, closeRows, PAGE_OPTIONS, readCount, type Connection } from '../ask/paging.js';
import { atOption } from '../ask/time.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { askWhole } from '../../client/ask.js';
import { followDocument } from '../../client/resume.js';
import type { CanopyError } from '../../common/errors.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption, printRows } from '../output/format.js';
import { tableInParts, type Column } from '../output/table.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

const USAGE = 'See canopy help flows.';

interface Metric {
  readonly abPackets: number;
  readonly abBytes: number;
  readonly baPackets: number;
  readonly baBytes: number;
}
interface End {
  readonly address: string | null;
  readonly mac: string | null;
  readonly port: number | null;
}
interface FlowRow {
  readonly id: string;
  readonly application: string;
  readonly last: string;
  readonly total: Metric & { readonly rttNanos: number | null };
  readonly a: End;
  readonly b: End;
  readonly captureNode: { readonly name: string } | null;
}
interface FlowsAnswer extends Connection<FlowRow> {
  readonly source: 'LIVE' | 'STORE';
}
interface GroupRow {
  readonly keys: readonly { readonly dimension: string; readonly value: string | null }[];
  /** With steps of time: when this one begins. */
  readonly start: string | null;
  readonly bytes: number;
  readonly packets: number;
  readonly flows: number;
}

const FIELDS = `id trackingId application layers start last finish total { abPackets abBytes baPackets baBytes rttNanos } a { address mac port } b { address mac port } captureNode { id name host }`;
const DOCUMENT = `query ($filter: FlowFilter, $orderBy: FlowOrder, $at: DateTime, $first: Int, $after: String) {
  flows(filter: $filter, orderBy: $orderBy, at: $at, first: $first, after: $after) { source totalCount pageInfo { hasNextPage endCursor } nodes { ${FIELDS} } }
}`;
const WATCH = `subscription ($filter: FlowFilter, $after: Cursor) {
  flowChanges(filter: $filter, after: $after) { __typename ... on FlowChanges { flows { ${FIELDS} } cursor } ... on FlowEventsLost { count } ... on ResyncRequired { reason } }
}`;

type WatchEvent =
  | { readonly __typename: 'FlowChanges'; readonly flows: readonly FlowRow[] }
  | { readonly __typename: 'FlowEventsLost'; readonly count: number }
  | { readonly __typename: 'ResyncRequired'; readonly reason: string };
const TOP = `query ($groupBy: [FlowDimension!]!, $filter: FlowFilter, $between: TimeRange!, $step: Duration, $limit: Int) {
  flowSummary(groupBy: $groupBy, filter: $filter, between: $between, step: $step, limit: $limit) {
    keys { dimension value } start bytes packets flows
  }
}`;

/** Rows of `--top` unless asked for otherwise. */
const TOP_ROWS = 20;

/** What `--top` may rank. */
const DIMENSIONS: Readonly<Record<string, readonly string[]>> = {
  talkers: ['A_END', 'B_END'],
  nodes: ['A_NODE', 'B_NODE'],
  applications: ['APPLICATION'],
  protocols: ['PROTOCOL'],
  captures: ['CAPTURE_NODE'],
};

const endText = ({ address, mac, port }: End): string => {
  const name = address ?? mac ?? '';
  return port === null ? name : name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
};

const COLUMNS: readonly Column<FlowRow>[] = [
  { title: 'APPLICATION', value: ({ application }) => application },
  { title: 'A', value: ({ a }) => endText(a) },
  { title: 'B', value: ({ b }) => endText(b) },
  { title: 'PACKETS A→B', value: ({ total }) => total.abPackets, right: true },
  { title: 'BYTES A→B', value: ({ total }) => total.abBytes, right: true },
  { title: 'PACKETS B→A', value: ({ total }) => total.baPackets, right: true },
  { title: 'BYTES B→A', value: ({ total }) => total.baBytes, right: true },
  { title: 'RTT ms', value: ({ total }) => (total.rttNanos === null ? undefined : (total.rttNanos / 1e6).toFixed(3)), right: true },
  { title: 'NODE', value: ({ captureNode }) => captureNode?.name },
  { title: 'LAST', value: ({ last }) => last },
];

const GROUP_COLUMNS: readonly Column<GroupRow>[] = [
  { title: 'WHO', value: ({ keys }) => keys.flatMap(({ dimension, value }) => (dimension === 'TIME' ? [] : [value ?? '–'])).join(' → ') },
  { title: 'BYTES', value: ({ bytes }) => bytes, right: true },
  { title: 'PACKETS', value: ({ packets }) => packets, right: true },
  { title: 'FLOWS', value: ({ flows }) => flows, right: true },
];

const STEP_COLUMN: Column<GroupRow> = { title: 'FROM', value: ({ start }) => start };

export const command = defineCommand({
  name: 'flows',
  summary: 'list flows: who talks to whom, how much, through which interface',
  details: [
    'Without --at the agents are asked how their flows stand now; with it, the store of the past answers. With --watch: flows as they come and change.',
    'With --top groups are ranked by bytes, from what was counted since --since; with --step each is shown step by step.',
  ],
  options: {
    address: { type: 'text', placeholder: 'ADDRESS', doc: 'with this IP address, or one in this prefix, at either end' },
    port: { type: 'text', placeholder: 'PORT', doc: 'with this port at either end' },
    application: { type: 'text', placeholder: 'NAME', doc: 'of this application: DNS, TCP' },
    protocol: { type: 'text', placeholder: 'NAME', doc: 'of this protocol: TCP, UDP, ICMPV4' },
    capture: { type: 'text', placeholder: 'ID', doc: 'of this capture' },
    node: { type: 'text', placeholder: 'NAME', doc: 'captured on nodes of this name' },
    at: atOption,
    top: { type: 'text', placeholder: 'WHAT', choices: Object.keys(DIMENSIONS), doc: 'rank what was counted' },
    since: { type: 'text', placeholder: 'TIME', doc: 'with --top: since this instant, -1h unless given' },
    step: { type: 'text', placeholder: 'DURATION', doc: 'with --top: how much in each `5m`' },
    ...PAGE_OPTIONS,
    watch: { type: 'switch', short: 'w', doc: 'go on with every change, until Ctrl-C' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'flows', says: 'the fifty flows with the latest packets' },
    { line: 'flows --address 10.0.0.0/8 --port 443 --watch', says: 'HTTPS of a network as it happens' },
    { line: 'flows --top talkers --since -15m', says: 'who moved most in the last quarter of an hour' },
    { line: 'flows --top applications --step 5m', says: 'how the last hour went, application by application' },
    { line: 'flows --application DNS --at -1h -o json', says: 'DNS as it was an hour ago, as JSON' },
  ],
  async run({ options, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const { address, port, application, protocol, capture, node, top } = options;
    if (port !== undefined && !/^\d{1,5}$/u.test(port)) throw usageError(`--port needs a port, not ${JSON.stringify(port)}`, USAGE);
    const excludes = (one: 'watch' | 'at' | 'since' | 'step', reason: string): never => {
      throw usageError(`--${one} ${reason}`, USAGE);
    };
    if (options.since !== undefined && top === undefined) excludes('since', 'means something with --top only');
    if (options.step !== undefined && top === undefined) excludes('step', 'means something with --top only');
    if (options.at !== undefined && top !== undefined) excludes('at', 'does not go with --top: say --since when to begin');
    if (options.watch && top !== undefined) excludes('watch', 'does not go with --top');
    if (options.watch && options.at !== undefined) excludes('watch', 'begins now: it does not go with --at');
    const filter = {
      ...(address !== undefined && { address: address.includes('/') ? { within: address } : { eq: address } }),
      ...(port !== undefined && { port: { eq: Number(port) } }),
      ...(application !== undefined && { application: { eq: application } }),
      ...(protocol !== undefined && { protocol: { eq: protocol.toUpperCase() } }),
      ...(capture !== undefined && { capture }),
      ...(node !== undefined && { captureNode: { name: { eq: node } } }),
    };
    if (top !== undefined) {
      const limit = options.first === undefined ? TOP_ROWS : readCount(options.first);
      const { step } = options;
      const groupBy = [...DIMENSIONS[top]!, ...(step === undefined ? [] : ['TIME'])];
      const variables = { groupBy, filter, between: { from: options.since ?? '-1h' }, step, limit };
      const { flowSummary } = await askWhole<{ flowSummary: GroupRow[] }>(analyzer, { document: TOP, variables });
      await printRows(flowSummary, step === undefined ? GROUP_COLUMNS : [STEP_COLUMN, ...GROUP_COLUMNS], options.output, terminal);
      if (flowSummary.length === 0)
        terminal.err('nothing was counted; what agents counted since their latest update, up to a minute ago, comes with the next\n');
      return OK;
    }
    if (options.watch) {
      const { signal, release } = interruption(terminal);
      const onLost = (error: CanopyError): void => terminal.err(`${error.message.split('\n')[0]}; tried again\n`);
      const question = { document: WATCH, variables: { filter } };
      const show = shownAs(options.output, terminal);
      try {
        for await (const { flowChanges } of followDocument<{ flowChanges: WatchEvent }>(analyzer, question, { signal, onLost }))
          await showEvent(flowChanges, show, terminal);
      } finally {
        release();
      }
      return OK;
    }
    let source: FlowsAnswer['source'] | undefined;
    const rows = await askRows(analyzer, DOCUMENT, { filter, at: options.at }, options, (data: { flows: FlowsAnswer }) => {
      ({ source } = data.flows);
      return data.flows;
    });
    await printRows(rows.rows, COLUMNS, options.output, terminal);
    const code = closeRows(rows, 'flows', terminal);
    terminal.err(source === 'LIVE' ? 'asked of the agents just now\n' : 'from the store\n');
    return code;
  },
});

type ShowFlows = (flows: readonly FlowRow[]) => void | Promise<void>;

/** A table that goes on, a JSON line a flow, or YAML. */
function shownAs(output: string | undefined, terminal: Terminal): ShowFlows {
  if (output === 'json') return (flows) => flows.forEach((flow) => terminal.out(`${JSON.stringify(flow)}\n`));
  if (output === 'yaml') return (flows) => printRows(flows, COLUMNS, output, terminal);
  const table = tableInParts(COLUMNS, terminal);
  return (flows) => terminal.out(table(flows));
}

async function showEvent(event: WatchEvent, show: ShowFlows, terminal: Terminal): Promise<void> {
  switch (event.__typename) {
    case 'FlowEventsLost':
      return terminal.err(`${event.count} changes were skipped\n`);
    case 'ResyncRequired':
      return terminal.err(`${event.reason}\n`);
    case 'FlowChanges':
      if (event.flows.length > 0) await show(event.flows);
  }
}
