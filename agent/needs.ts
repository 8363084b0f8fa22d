import type { Config } from '../src/common/config/config.js';
import type { CapabilityNeed } from './linux/capabilities.js';
import { CAPTURE_NEEDS, mayCapture } from './openCaptures.js';
import type { ProbeDefinition } from './probes/kit/probe.js';

/** Who needs which capabilities: the probes, and captures where the configuration lets any be asked for. */
export const needsOf = (
  definitions: readonly ProbeDefinition[],
  config: Pick<Config, 'agent' | 'analyzer'>,
): { readonly probe: string; readonly needs: readonly CapabilityNeed[] }[] => [
  ...definitions.map(({ name, needs }) => ({ probe: name, needs })),
  ...(mayCapture(config) ? [{ probe: 'capture', needs: CAPTURE_NEEDS }] : []),
];
