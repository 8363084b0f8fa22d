import { namedId } from '../../../src/common/ids.js';
import type { ElementId } from '../../../src/graph/element.js';
import type { ProbeDefinition } from '../kit/probe.js';
import { HOST_KEYS } from './keys.js';
import { readPlatform } from './platform.js';

/** Id of a host's node: the same for as long as the host has its name. */
export const hostNodeId = (hostId: string): ElementId => namedId(hostId);

/** Facts about the machine, once at start; the node itself is the agent's. */
export const hostProbe: ProbeDefinition = {
  name: 'host',
  summary: 'Facts about the host: platform, kernel, processors, memory, virtualisation',
  needsLinux: false,
  needs: [],
  keys: HOST_KEYS,
  create: ({ root, graph, health }) => ({
    start() {
      graph.annotate(root, readPlatform());
      health.heard(1);
    },
    stop: () => undefined,
  }),
};
