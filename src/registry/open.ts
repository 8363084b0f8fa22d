import type { Clock } from '../common/clock.js';
import type { Log } from '../common/log.js';
import { EmbeddedRegistry } from './embedded/registry.js';
import type { Registry } from './registry.js';

export interface RegistryOptions {
  /** Folder of the embedded home. */
  readonly folder: string;
  readonly etcd: { readonly endpoints: readonly string[]; readonly prefix: string };
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the home that the configuration chose: etcd where it has endpoints, else the folder. */
export async function openRegistry({ folder, etcd, clock, log }: RegistryOptions): Promise<Registry> {
  if (etcd.endpoints.length === 0) return new EmbeddedRegistry({ folder, clock });
  // Loaded late: few need it, and its client takes a while to load.
  const { EtcdRegistry } = await import('./etcd/registry.js');
  return new EtcdRegistry({ ...etcd, clock, log });
}
