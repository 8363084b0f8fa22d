import { readFileSync } from 'node:fs';
import { LINUX } from './abi.js';

/** Bits of the capabilities that probes need. */
export const CAPABILITY_BITS = {
  NET_ADMIN: LINUX.CAP_NET_ADMIN,
  NET_RAW: LINUX.CAP_NET_RAW,
  SYS_PTRACE: LINUX.CAP_SYS_PTRACE,
  SYS_ADMIN: LINUX.CAP_SYS_ADMIN,
  BPF: LINUX.CAP_BPF,
} as const;

export type Capability = keyof typeof CAPABILITY_BITS;

/** What a probe can do only with a capability. */
export interface CapabilityNeed {
  readonly capability: Capability;
  /** What is missing without it: `links of other namespaces`. */
  readonly allows: string;
}

/** Capabilities in effect, as `/proc/thread-self/status` says in `CapEff`. */
export function effectiveCapabilities(status: string = readFileSync('/proc/thread-self/status', 'utf8')): ReadonlySet<Capability> {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const names = Object.entries(CAPABILITY_BITS) as [Capability, number][];
  return new Set(names.filter(([, bit]) => ((mask >> BigInt(bit)) & 1n) === 1n).map(([name]) => name));
}

/** One line for each capability that somebody needs and nobody has. */
export interface MissingCapability {
  readonly capability: Capability;
  readonly probes: readonly string[];
  readonly withoutIt: readonly string[];
}

export function missingCapabilities(
  needs: readonly { readonly probe: string; readonly needs: readonly CapabilityNeed[] }[],
  effective: ReadonlySet<Capability> = effectiveCapabilities(),
): readonly MissingCapability[] {
  const missing = new Map<Capability, { probes: Set<string>; withoutIt: Set<string> }>();
  for (const { probe, needs: list } of needs) {
    for (const { capability, allows } of list) {
      if (effective.has(capability)) continue;
      const entry = missing.get(capability) ?? { probes: new Set(), withoutIt: new Set() };
      entry.probes.add(probe);
      entry.withoutIt.add(allows);
      missing.set(capability, entry);
    }
  }
  return [...missing].map(([capability, { probes, withoutIt }]) => ({ capability, probes: [...probes], withoutIt: [...withoutIt] }));
}
