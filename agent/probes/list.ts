import { CanopyError } from '../../src/common/errors.js';
import { nearest } from '../../src/common/nearest.js';
import { hostProbe } from './host/probe.js';
import type { ProbeDefinition } from './kit/probe.js';
import { netlinkProbe } from './netlink/probe.js';
import { netnsProbe } from './netns/probe.js';
import { ovsdbProbe } from './ovsdb/probe.js';

/** Every probe that comes with the agent, in the order in which they are started. */
export const BUILT_IN_PROBES: readonly ProbeDefinition[] = [hostProbe, netlinkProbe, netnsProbe, ovsdbProbe];

/** What is said of a name that there is no probe of, with the nearest one. */
export function unknownProbe(name: string): CanopyError {
  const valid = BUILT_IN_PROBES.map((probe) => probe.name);
  const near = nearest(name, valid);
  const hint = near === undefined ? '.' : `; did you mean ${near}?`;
  return new CanopyError(
    'CONFIG_INVALID',
    `agent.probes: there is no probe ${name}${hint} Valid: ${valid.join(', ')}, or a path or package that exports one`,
    { details: { key: 'agent.probes', value: name, valid } },
  );
}
