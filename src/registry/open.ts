import type { Clock } from '../common/clock.js';
import type { RegistryConfig } from '../common/config/config.js';
import type { Log } from '../common/log.js';
import { EmbeddedRegistry } from './embedded/registry.js';
import { bringOver, leftBehind } from './leftBehind.js';
import type { Registry } from './registry.js';

export interface RegistryOptions {
  /** Folder of the embedded home. */
  readonly folder: string;
  readonly etcd: RegistryConfig['etcd'];
  readonly clock: Clock;
  readonly log: Log;
}

/** Opens the home that the configuration chose: etcd where it has endpoints, else the folder. Throws `CONFIG_INVALID`. */
export async function openRegistry({ folder, etcd, clock, log }: RegistryOptions): Promise<Registry> {
  if (etcd.endpoints.length === 0) return new EmbeddedRegistry({ folder, clock });
  // Loaded late: few need it, and its client takes a while to load.
  const [{ EtcdRegistry }, { readAccess }] = await Promise.all([import('./etcd/registry.js'), import('./etcd/access.js')]);
  const registry = new EtcdRegistry({ endpoints: etcd.endpoints, prefix: etcd.prefix, access: readAccess(etcd), clock, log });
  if (etcd.bringOver) {
    const brought = await bringOver(folder, registry, clock).catch((error: unknown) =>
      log.warn(
        { error: String(error) },
        'what the data folder holds of the registry could not be brought to etcd; the next start tries it again',
      ),
    );
    if (brought !== undefined) log.info({ brought }, 'what the data folder held of the registry is in etcd now');
  }
  const left = await leftBehind(folder, clock);
  if (left === undefined) return registry;
  registry.notice = `${left} of before etcd are still in the data folder, where nobody follows them; a start with registry.etcd.bringOver=true brings them to etcd`;
  log.warn({ left, folder }, registry.notice);
  return registry;
}
