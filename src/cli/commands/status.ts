import { AGENT_COLUMNS, AGENT_FIELDS, agentNotices, agentProblems, type AgentRow } from '../ask/agents.js';
import { captureNotices, CAPTURES_FIELDS, describeCaptures, type CaptureStatusRow } from '../ask/captures.js';
import { describeProjection, projectionProblems, PROJECTION_FIELDS, type ProjectionRow } from '../ask/projection.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { ask } from '../../client/ask.js';
import { defineCommand } from '../command.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { paint } from '../output/colour.js';
import { outputOption, printData } from '../output/format.js';
import { renderTable } from '../output/table.js';
import type { Terminal } from '../terminal.js';
import { formatDuration } from '../../common/duration.js';

interface StoreRow {
  readonly stored: number;
  readonly dropped: number;
  readonly bytes: number;
  readonly error: string | null;
}

interface Status {
  readonly version: string;
  readonly startedAt: string;
  readonly now: string;
  readonly nodes: number;
  readonly edges: number;
  readonly oldest: string;
  readonly agents: readonly AgentRow[];
  readonly journal: {
    readonly changes: number;
    readonly tailChanges: number;
    readonly bytes: number;
    readonly isFull: boolean;
    readonly error: string | null;
  };
  readonly projection: ProjectionRow | null;
  readonly samples: StoreRow;
  readonly flows: StoreRow & { readonly since: string | null };
  readonly registry: { readonly home: string; readonly error: string | null; readonly notice: string | null };
  readonly connections: { readonly open: number; readonly refused: number; readonly slow: number; readonly silent: number };
  readonly subscriptions: { readonly connections: number; readonly subscriptions: number };
  readonly residentBytes: number;
  readonly clockAheadMs: number;
}

interface Answer {
  readonly status: Status;
  readonly captures: { readonly nodes: readonly CaptureStatusRow[] } | null;
}

/** With what is told of captures, and of what is seen or kept only in part. */
interface Told extends Status {
  readonly captures: readonly CaptureStatusRow[];
  readonly notices: readonly string[];
}

const DOCUMENT = `query Status {
  status {
    version startedAt now nodes edges oldest residentBytes clockAheadMs
    agents { ...AgentFields }
    journal { changes tailChanges bytes isFull error }
    projection { ${PROJECTION_FIELDS} }
    samples { stored dropped bytes error }
    flows { stored dropped bytes since error }
    registry { home error notice }
    connections { open refused slow silent }
    subscriptions { connections subscriptions }
  }
  captures(first: 1000) { ${CAPTURES_FIELDS} }
}
${AGENT_FIELDS}`;

/** How far the axis of time may be ahead of the clock before somebody should look, milliseconds: what the analyzer waits out by itself. */
const CLOCK_AHEAD = 60_000;

export const command = defineCommand({
  name: 'status',
  summary: 'say how the analyzer and its agents fare; exit code 5 when something is not well',
  options: { output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'status', says: 'is all well?' },
    { line: 'status -o json', says: 'the same for a script, with a list `problems`' },
    { line: 'status --analyzer http://analyzer.example.org:8082 --token-file reader.token', says: 'of an analyzer elsewhere' },
  ],
  async run({ options, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const { data, errors } = await ask<Answer>(analyzer, { document: DOCUMENT });
    // Not everybody may know of captures, and the registry that keeps them may be away.
    const [fault] = errors;
    const captures = data.captures?.nodes ?? [];
    const problems = problemsOf(data.status);
    if (fault !== undefined && fault.extensions?.code !== 'FORBIDDEN') problems.push(`captures cannot be read: ${fault.message}`);
    const { registry } = data.status;
    const left = registry.notice === null ? [] : [registry.notice];
    const status = {
      ...data.status,
      captures,
      notices: [...data.status.agents.flatMap(agentNotices), ...captureNotices(captures), ...left],
    };
    if (options.output === 'json' || options.output === 'yaml') await printData({ ...status, problems }, options.output, terminal);
    else terminal.out(render(analyzer.url, status, problems, terminal));
    return problems.length === 0 ? OK : INCOMPLETE;
  },
});

function problemsOf({ agents, journal, projection, samples, flows, registry, clockAheadMs }: Status): string[] {
  const problems = agents.flatMap(agentProblems);
  if (journal.error !== null) problems.push(`the journal cannot write: ${journal.error}`);
  if (journal.isFull) problems.push('too much waits for the disk: writes are held up');
  if (projection !== null) problems.push(...projectionProblems(projection));
  if (samples.error !== null) problems.push(`measurements are not kept: ${samples.error}`);
  if (flows.error !== null) problems.push(`flows are not kept: ${flows.error}`);
  if (registry.error !== null) problems.push(`captures and rules cannot be read or written: ${registry.error}`);
  if (clockAheadMs > CLOCK_AHEAD)
    problems.push(`the clock stepped back by ${formatDuration(clockAheadMs)}; changes get later instants until it has caught up`);
  return problems;
}

function render(url: string, status: Told, problems: readonly string[], terminal: Terminal): string {
  const { version, startedAt, now, nodes, edges, oldest, agents, journal, projection, samples, connections, subscriptions, residentBytes } =
    status;
  const up = Math.max(0, Math.floor((Date.parse(now) - Date.parse(startedAt)) / 1000) * 1000);
  const facts = [
    ['analyzer', `${url}, version ${version}, up ${formatDuration(up)}, ${mebibytes(residentBytes)} of memory`],
    ['graph', `${nodes} nodes, ${edges} edges`],
    ['history', `${journal.changes} changes since ${oldest}, ${mebibytes(journal.bytes)}, ${journal.tailChanges} waiting for the disk`],
    ...(projection === null ? [] : [['neo4j', describeProjection(projection)] as const]),
    ['samples', describeStore(samples)],
    ['flows', describeStore(status.flows, status.flows.since)],
    ['captures', describeCaptures(status.captures)],
    ['registry', status.registry.home === 'etcd' ? 'etcd' : 'in the data folder'],
    [
      'doors',
      `${connections.open} connections; cut: ${connections.refused} too many of one address, ${connections.slow} too slow, ${connections.silent} silent`,
    ],
    ['listeners', `${subscriptions.subscriptions} subscriptions on ${subscriptions.connections} connections`],
  ] as const;
  const well = problems.length === 0 ? paint('all is well', 'good', terminal.hasColour) : paint('not well', 'bad', terminal.hasColour);
  return [
    ...facts.map(([name, text]) => `${name.padEnd(11)}${text}\n`),
    '\n',
    agents.length === 0 ? 'no agents; start one with `canopy agent`\n' : renderTable(agents, AGENT_COLUMNS, terminal),
    '\n',
    `${well}\n`,
    ...problems.map((problem) => `  ${problem}\n`),
    ...status.notices.map((notice) => `  ${paint('note', 'notice', terminal.hasColour)}: ${notice}\n`),
  ].join('');
}

const describeStore = ({ stored, dropped, bytes }: StoreRow, since: string | null = null): string =>
  `${stored} kept, ${mebibytes(bytes)}${since === null ? '' : ` since ${since}`}, ${dropped} dropped`;

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
