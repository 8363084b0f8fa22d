import { formatDuration } from '../../common/duration.js';
import type { AgentReport } from '../../../agent/doors/report.js';
import { askAgent } from './agentDoor.js';
import type { Call } from '../command.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { paint } from '../output/colour.js';
import { printData } from '../output/format.js';
import { renderTable } from '../output/table.js';
import { PROBE_COLUMNS, type ProbeRow } from './agents.js';

type Report = AgentReport & { readonly problems: readonly string[] };

/** As the analyzer would tell of it. */
const rowOf = ({ missing, reason, ...probe }: Report['probes'][number]): ProbeRow => ({
  ...probe,
  reason: reason ?? null,
  missingCapabilities: missing.map((name) => `CAP_${name}`),
});

/** `canopy agent status`: how the agent of this host fares, as it says itself. */
export async function showAgentStatus({ options, terminal, config }: Call): Promise<number> {
  const report = await askAgent<Report>((await config()).config, '/status');
  const { problems } = report;
  if (options.output === 'json' || options.output === 'yaml') await printData(report, options.output, terminal);
  else terminal.out(render(report, terminal));
  return problems.length === 0 ? OK : INCOMPLETE;
}

function render(report: Report, terminal: Call['terminal']): string {
  const { hostId, version, startedAt, now, probes, link, graph, namespaces, residentBytes, descriptors, problems } = report;
  const up = Math.max(0, Math.floor((now - startedAt) / 1000) * 1000);
  const waiting = link.published - link.acknowledged;
  const facts = [
    ['agent', `${hostId}, version ${version}, up ${formatDuration(up)}`],
    ['costs', `${(residentBytes / 1024 ** 2).toFixed(1)} MiB of memory, ${descriptors ?? 'unknown'} descriptors`],
    ['graph', `${graph.nodes} nodes, ${graph.edges} edges, ${namespaces ?? 'no'} namespaces`],
    ['analyzer', `${link.url}, ${link.state.toLowerCase()}${link.lastError === undefined ? '' : `: ${link.lastError}`}`],
    ['waiting', `${waiting} changes, ${(link.keptBytes / 1024).toFixed(1)} KiB; ${link.droppedDeltas} dropped so far`],
  ] as const;
  const well = problems.length > 0 ? paint('not well', 'bad', terminal.hasColour) : paint(summary(report), 'good', terminal.hasColour);
  return [
    ...facts.map(([name, says]) => `${name.padEnd(11)}${says}\n`),
    '\n',
    renderTable(probes.map(rowOf), PROBE_COLUMNS, terminal),
    '\n',
    `${well}\n`,
    ...problems.map((problem) => `  ${problem}\n`),
  ].join('');
}

/** Where nothing has failed: what is less than it could be all the same. */
function summary({ probes, link }: Report): string {
  const degraded = probes.filter(({ state }) => state === 'DEGRADED').map(({ name }) => name);
  const said = degraded.length === 0 ? [] : [`not everything is seen by: ${degraded.join(', ')}`];
  if (link.state !== 'LIVE' && link.state !== 'PICTURE') said.push('no analyzer is connected');
  return said.length === 0 ? 'all is well' : `nothing has failed; ${said.join('; ')}`;
}
