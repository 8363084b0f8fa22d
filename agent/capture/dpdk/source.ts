import type { SourceDefinition } from '../source.js';

/** Ports that DPDK has taken away from the kernel: not captured here, and what can be done instead. */
export const dpdk: SourceDefinition = {
  type: 'dpdk',
  impossible: () =>
    "an interface that DPDK holds is not the kernel's, and this agent has no DPDK; capture on the Open vSwitch bridge that has the port (ovssflow, ovsnetflow), or have its program send packets to a pcapsocket capture",
};
