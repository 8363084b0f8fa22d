import { hostname } from 'node:os';
import type { Config } from '../../common/config/config.js';
import type { Json } from '../../common/json.js';
import { isJsonObject, readPath } from '../../graph/metadataPath.js';

/** Keys of old configurations that old clients ask for, and where the same is said here. */
const OLD_KEYS = new Map<string, (config: Config) => Json>([
  ['host_id', () => hostname()],
  ['analyzer.listen', ({ listen }) => listen],
  ['etcd.embedded', ({ registry }) => registry.etcd.endpoints.length === 0],
  ['etcd.servers', ({ registry }) => registry.etcd.endpoints],
  ['logging.level', ({ logLevel }) => logLevel.toUpperCase()],
  ['flow.update', ({ agent }) => agent.flow.update / 1_000],
  ['flow.expire', ({ agent }) => agent.flow.expire / 1_000],
  ['flow.max_entries', ({ agent }) => agent.flow.maxFlows],
  ['agent.topology.probes', ({ agent }) => agent.probes],
  ['agent.topology.netlink.metrics_update', ({ agent }) => agent.netlink.metricsInterval / 1_000],
]);

/** First steps of keys whose values are nobody's business. */
const SECRET: ReadonlySet<string> = new Set(['auth', 'tokens', 'tokenFile', 'history', 'registry']);

/** Reads the configuration by an old key or one of ours. */
export function oldConfiguration(config: Config): (key: string) => Json | undefined {
  const shown = JSON.parse(JSON.stringify(config)) as Json;
  return (key) => {
    const old = OLD_KEYS.get(key);
    if (old !== undefined) return old(config);
    if (!isJsonObject(shown) || SECRET.has(key.split('.')[0]!)) return undefined;
    return readPath(shown, key);
  };
}
