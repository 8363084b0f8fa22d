import { hostname } from 'node:os';
import type { Config } from '../../common/config/config.js';
import type { Json } from '../../common/json.js';
import { isJsonObject, readPath } from '../../graph/metadataPath.js';

/** Keys of old configurations that old clients ask for, and where the same is said here. */
const OLD_KEYS = new Map<string, (config: Config) => Json>([
  ['host_id', () => hostname()],
  ['analyzer.listen', ({ listen }) => listen],
  ['etcd.embedded', ({ registry }) => registry.etcd === undefined],
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
