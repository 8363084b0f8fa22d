import { nothingReported, type WorkerReport } from './messages.js';

/** The report of a capture: what its parts say together, and before them those that have left, whose flows are gone. */
export function joinReports(key: number, left: WorkerReport | undefined, parts: readonly WorkerReport[]): WorkerReport {
  const all = left === undefined ? parts : [left, ...parts];
  const sum = (counter: 'received' | 'dropped' | 'ifDropped' | 'flows', reports = all): number =>
    reports.reduce((total, report) => total + report[counter], 0);
  const drops: Record<string, number> = {};
  for (const report of all) {
    for (const [reason, count] of Object.entries(report.drops)) drops[reason] = (drops[reason] ?? 0) + count;
  }
  const [first] = parts;
  const ringBytes = parts.reduce((total, { facts }) => total + Number(facts.facts.ringBytes ?? 0), 0);
  const facts = first?.facts ?? left?.facts ?? nothingReported(key).facts;
  return {
    key,
    received: sum('received'),
    dropped: sum('dropped'),
    ifDropped: sum('ifDropped'),
    flows: sum('flows', parts),
    drops,
    facts: parts.length > 1 && ringBytes > 0 ? { ...facts, facts: { ...facts.facts, ringBytes } } : facts,
  };
}
