import { CONFIG_PATHS, variableOf, type ConfigPath } from './keys.js';
import { adviseVariable, readValue, type Problem, type Setting, type Source } from './problem.js';

/** Variables with the prefix that are no keys: the configuration file itself, and the switches of our tests. */
const OTHERS = new Set([
  'CANOPY_CONFIG',
  'CANOPY_CI',
  'CANOPY_CHURN_SECONDS',
  'CANOPY_CHAOS',
  'CANOPY_FUZZ',
  'CANOPY_FUZZ_RUNS',
  'CANOPY_FUZZ_SEED',
  'CANOPY_INTERLEAVINGS',
  'CANOPY_KILLS',
  'CANOPY_NAMESPACES',
  'CANOPY_PLANS',
  'CANOPY_PROCESSORS',
  'CANOPY_SEED',
]);

/** What Kubernetes puts into each container for a service named `canopy` or `canopy-…`. */
const SERVICE_LINK = /^CANOPY_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

const PATH_OF = new Map(CONFIG_PATHS.map((path) => [variableOf(path), path]));

/** Reads the `CANOPY_…` variables. An empty one is the empty list where a list is wanted, and counts as not set elsewhere. */
export function readVariables(environment: Readonly<Record<string, string | undefined>>): Source {
  const settings = new Map<ConfigPath, Setting>();
  const problems: Problem[] = [];
  for (const [name, raw] of Object.entries(environment)) {
    if (!name.startsWith('CANOPY_') || raw === undefined || OTHERS.has(name)) continue;
    const place = `variable ${name}`;
    const path = PATH_OF.get(name);
    if (path === undefined) {
      if (!SERVICE_LINK.test(name)) problems.push({ place, message: 'unknown variable', advice: adviseVariable(name) });
      continue;
    }
    const read = readValue(path, raw);
    if (raw === '' && 'message' in read) continue;
    if ('message' in read) problems.push({ place, message: read.message });
    else settings.set(path, { value: read.value, source: place });
  }
  return { settings, problems };
}
