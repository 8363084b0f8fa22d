import type { CoverageGap, HistoryStore } from '../history/store.js';
import type { Moment } from './elementView.js';
import type { ReadScope } from './readScope.js';

/** What was watched, and what was not: no change seen is not the same as no change. */
export interface Coverage {
  readonly complete: boolean;
  readonly gaps: readonly CoverageGap[];
}

/** Gaps that touch the stretch, both ends included, milliseconds. */
export async function coverageOf(history: HistoryStore, scope: ReadScope, from: number, to: number): Promise<Coverage> {
  const gaps = await seenGaps(history, scope, from, to);
  return { complete: gaps.length === 0, gaps };
}

/**
 * The gaps that matter to who asks: those of hosts on which there is a node that is seen now, or was seen when the stretch began, and those of
 * everything. What is before the history was not watched either, as far as anybody knows.
 */
export async function seenGaps(history: HistoryStore, scope: ReadScope, from: number, to: number): Promise<readonly CoverageGap[]> {
  const kept = await history.gaps(from, to);
  const { at: beginning } = history.oldest();
  const before: CoverageGap = { reason: 'ANALYZER_DOWN', from, to: beginning, origin: undefined, host: undefined, probe: undefined };
  const gaps = from < beginning ? [before, ...kept] : kept;
  if (!scope.sight?.isPartial || gaps.length === 0) return gaps;
  const hosts = new Set([...hostsIn(scope.present()), ...hostsIn(await scope.at(from))]);
  return gaps.filter(({ host }) => host === undefined || hosts.has(host));
}

/** Hosts of the nodes of a moment. */
export function hostsIn({ graph }: Moment): Set<string> {
  const hosts = new Set<string>();
  for (const { host } of graph.nodes()) hosts.add(host);
  return hosts;
}

/** What there is to watch: hosts, and how many probes each has. */
export type ProbesByHost = ReadonlyMap<string, number>;

/**
 * Share of what there is to watch that was watched in [from, to), 0 to 1. A lost or dirty agent counts as its whole host, a probe as its
 * part of the host, a stopped analyzer as everything; overlapping gaps count once.
 */
export function watchedShare(gaps: readonly CoverageGap[], probes: ProbesByHost, from: number, to: number): number {
  if (to <= from) return 1;
  const everything = gaps.filter(({ reason }) => reason === 'ANALYZER_DOWN');
  const hosts = new Set([...probes.keys(), ...gaps.flatMap(({ host }) => (host === undefined ? [] : [host]))]);
  if (hosts.size === 0) return 1 - covered(everything, from, to);
  let watched = 0;
  for (const host of hosts) watched += 1 - hostGap(gaps, everything, host, probes.get(host) ?? 1, from, to);
  return watched / hosts.size;
}

function hostGap(
  gaps: readonly CoverageGap[],
  everything: readonly CoverageGap[],
  host: string,
  probeCount: number,
  from: number,
  to: number,
): number {
  const own = gaps.filter((gap) => gap.host === host);
  const whole = covered([...everything, ...own.filter(({ reason }) => reason !== 'PROBE_DOWN')], from, to);
  const probeGaps = own.filter(({ reason }) => reason === 'PROBE_DOWN');
  const names = new Set(probeGaps.map(({ probe }) => probe));
  const byProbe = [...names].map((name) =>
    covered(
      probeGaps.filter(({ probe }) => probe === name),
      from,
      to,
    ),
  );
  const parts = byProbe.reduce((sum, part) => sum + part, 0) / Math.max(probeCount, names.size);
  return Math.min(1, whole + (1 - whole) * parts);
}

/** Share of [from, to) that the gaps cover together. */
function covered(gaps: readonly CoverageGap[], from: number, to: number): number {
  const spans = gaps.map((gap) => [Math.max(from, gap.from), Math.min(to, gap.to ?? to)] as const).filter(([start, end]) => end > start);
  let total = 0;
  let reached = from;
  for (const [start, end] of spans.toSorted((a, b) => a[0] - b[0])) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total / (to - from);
}
