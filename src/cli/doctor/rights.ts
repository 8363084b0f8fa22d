import { readFile } from 'node:fs/promises';
import { ok, reasonOf, warn, type Check, type Finding } from './check.js';

/** Open files below which many subscribers or many namespaces run into the limit. */
const FEW_FILES = 4_096;

/** Capabilities that the configured probes and captures ask for; the analyzer needs none. */
export const checkCapabilities: Check = async (config) => {
  const { agent } = config;
  if (process.platform !== 'linux') return [];
  try {
    const [{ needsOf }, { loadProbes }, { effectiveCapabilities, missingCapabilities }] = await Promise.all([
      import('../../../agent/needs.js'),
      import('../../../agent/probes/load.js'),
      import('../../../agent/linux/capabilities.js'),
    ]);
    const needs = needsOf(await loadProbes(agent.probes), config);
    const missing = missingCapabilities(needs, effectiveCapabilities());
    if (missing.length === 0) return [ok('capabilities', `all that is asked for by ${needs.map(({ probe }) => probe).join(', ')}`)];
    return missing.map(({ capability, probes, withoutIt }) =>
      warn(
        'capabilities',
        `CAP_${capability} is missing; without it an agent goes without ${withoutIt.join(', ')} (${probes.join(', ')})`,
        `Start the agent as root, in systemd with AmbientCapabilities=CAP_${capability}, in a container with --cap-add ${capability}. The analyzer does not need it.`,
      ),
    );
  } catch (error) {
    return [
      warn('capabilities', `cannot tell: ${reasonOf(error)}`, 'Mend what is said above about libraries and the key agent.probes first.'),
    ];
  }
};

export const checkOpenFiles: Check = async () => [await openFiles()];

async function openFiles(): Promise<Finding> {
  try {
    const limits = await readFile('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unknown';
    if (soft === 'unlimited' || Number(soft) >= FEW_FILES) return ok('open files', `up to ${soft}`);
    return warn(
      'open files',
      `up to ${soft}`,
      'Raise the limit for many agents, subscribers or namespaces: `ulimit -n 65536`, or LimitNOFILE=65536 in systemd.',
    );
  } catch (error) {
    return warn('open files', `cannot tell: ${reasonOf(error)}`, 'Nothing to do where there is no /proc.');
  }
}
