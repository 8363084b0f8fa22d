import { namedId } from '../../../src/common/ids.js';
import type { Cancel } from '../../../src/common/clock.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { Probe, ProbeContext, ProbeDefinition } from '../kit/probe.js';
import { HOST_KEYS } from './keys.js';
import type { FileFacts } from './metadataFiles.js';
import { findHostRoot, readPlatform } from './platform.js';

/** Id of a host's node: the same for as long as the host has its name. */
export const hostNodeId = (hostId: string): ElementId => namedId(hostId);

/** Facts about the machine, once at start, and what others write into files about it; the node itself is the agent's. */
export const hostProbe: ProbeDefinition = {
  name: 'host',
  summary: 'Facts about the host: platform, kernel, processors, memory, virtualisation, and what `agent.metadataFiles` names',
  needsLinux: false,
  needs: [],
  keys: HOST_KEYS,
  create: (context) => new HostProbe(context),
};

class HostProbe implements Probe {
  private stopFiles: Cancel | undefined;

  constructor(private readonly context: ProbeContext) {}

  async start(): Promise<void> {
    const { clock, config, health } = this.context;
    const platform = readPlatform('', findHostRoot(config.hostRoot));
    const write = ({ config: values, problems }: FileFacts): void => {
      health.heard(1);
      this.context.graph.annotate(this.context.root, { ...platform.facts, ...(Object.keys(values).length > 0 ? { Config: values } : {}) });
      const all = [...platform.problems, ...problems];
      if (all.length === 0) health.ok();
      else health.degraded(all.join('; '));
    };
    if (Object.keys(config.metadataFiles).length === 0) return write({ config: {}, problems: [] });
    // Loaded where files are named: their readers take memory.
    const { watchMetadataFiles } = await import('./metadataFiles.js');
    const { first, stop } = watchMetadataFiles(config.metadataFiles, clock, write);
    this.stopFiles = stop;
    write(first);
  }

  stop(): void {
    this.stopFiles?.();
  }
}
