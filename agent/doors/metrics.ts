import type { AgentReport } from './report.js';

interface Family {
  /** Without the prefix `canopy_agent_`. */
  readonly name: string;
  readonly help: string;
  /** Labels and value; `undefined` values are left out. */
  readonly samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number | undefined])[];
}

/** The report in the text format of Prometheus, version 0.0.4. */
export async function metricsText(report: AgentReport): Promise<string> {
  // Loaded when somebody asks: most agents are never asked, and every one pays for what it has loaded.
  const { Registry, Gauge } = await import('prom-client');
  const registry = new Registry();
  for (const { name, help, samples } of familiesOf(report)) {
    const present = samples.filter(([, value]) => value !== undefined);
    const labelNames = Object.keys(present[0]?.[0] ?? {});
    const gauge = new Gauge({ name: `canopy_agent_${name}`, help, labelNames, registers: [registry] });
    for (const [labels, value] of present) gauge.set(labels, value!);
  }
  return registry.metrics();
}

function familiesOf({ probes, link, graph, namespaces, residentBytes, descriptors, now, startedAt }: AgentReport): readonly Family[] {
  const gauge = (name: string, help: string, value: number | undefined): Family => ({ name, help, samples: [[{}, value]] });
  const ofProbes = (name: string, help: string, read: (probe: AgentReport['probes'][number]) => number): Family => ({
    name,
    help,

    samples: probes.map((probe) => [{ probe: probe.name }, read(probe)]),
  });
  return [
    gauge('uptime_seconds', 'Seconds since the agent started.', (now - startedAt) / 1000),
    gauge('resident_bytes', 'Memory of the process.', residentBytes),
    gauge('descriptors', 'Open descriptors.', descriptors),
    gauge('namespaces', 'Network namespaces that are watched.', namespaces),
    gauge('nodes', 'Nodes of the local graph.', graph.nodes),
    gauge('edges', 'Edges of the local graph.', graph.edges),
    gauge('connected', '1 when the analyzer is connected.', link.connectedSince === undefined ? 0 : 1),
    gauge('deltas_published', 'Number of the last change of the graph.', link.published),
    gauge('deltas_acknowledged', 'Number of the last change that the analyzer has on disk.', link.acknowledged),
    gauge('deltas_dropped', 'Changes dropped because too much waited; a picture made up for them.', link.droppedDeltas),
    gauge('kept_bytes', 'Bytes that wait for the analyzer.', link.keptBytes),
    ofProbes('probe_up', '1 when the probe watches, if only in part.', ({ state }) =>
      state === 'RUNNING' || state === 'DEGRADED' ? 1 : 0,
    ),
    ofProbes('probe_degraded', '1 when a part of what the probe should watch is missing.', ({ state }) => (state === 'DEGRADED' ? 1 : 0)),
    ofProbes('probe_events', 'Events that the probe has heard.', ({ events }) => events),
    ofProbes('probe_restarts', 'Times that the probe was started again after a failure.', ({ restarts }) => restarts),
    ofProbes('probe_busy_seconds', 'Seconds of the main thread that the probe took.', ({ busyMs }) => busyMs / 1000),
  ];
}
