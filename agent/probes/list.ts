import { CanopyError } from '../../src/common/errors.js';
import { nearest } from '../../src/common/nearest.js';
import { hostProbe } from './host/probe.js';
import type { ProbeDefinition } from './kit/probe.js';
import { netlinkProbe } from './netlink/probe.js';
import { netnsProbe } from './netns/probe.js';

/** Every probe that comes with the agent. */
export const BUILT_IN_PROBES: readonly ProbeDefinition[] = [hostProbe, netlinkProbe, netnsProbe];

/**
 * The probes of a configuration, each once, in the order of `BUILT_IN_PROBES`. Throws CONFIG_INVALID for a name that there is none of,
 * with the nearest one. Probes from a path or a package will be resolved here too.
 */
export function resolveProbes(names: readonly string[], known: readonly ProbeDefinition[] = BUILT_IN_PROBES): readonly ProbeDefinition[] {
  const valid = known.map(({ name }) => name);
  for (const name of names) {
    if (valid.includes(name)) continue;
    const near = nearest(name, valid);
    const hint = near === undefined ? '.' : `; did you mean ${near}?`;
    throw new CanopyError('CONFIG_INVALID', `agent.probes: there is no probe ${name}${hint} Valid: ${valid.join(', ')}`, {
      details: { key: 'agent.probes', value: name, valid },
    });
  }
  return known.filter(({ name }) => names.includes(name));
}
