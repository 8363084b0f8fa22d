import { readFile } from 'node:fs/promises';
import { ok, reasonOf, warn, type Check, type Finding } from './check.js';

/** Open files below which many subscribers or many namespaces run into the limit. */
const FEW_FILES = 4_096;

/** Capabilities that the configured probes ask for; the analyzer needs none. */
export const checkCapabilities: Check = async ({ agent }) => {
  if (process.platform !== 'linux') return [];
  try {
    const [{ loadProbes }, { effectiveCapabilities, missingCapabilities }] = await Promise.all([
      import('../../../agent/probes/load.js'),
      import('../../../agent/linux/capabilities.js'),
    ]);
    const needs = (await loadProbes(agent.probes)).map(({ name, needs }) => ({ probe: name, needs }));
    const missing = missingCapabilities(needs, effectiveCapabilities());
    if (missing.length === 0) return [ok('capabilities', `all that the probes ${agent.probes.join(', ')} ask for`)];
    return missing.map(({ capability, probes, withoutIt }) =>
      warn(
        'capabilities',
        `CAP_${capability} is missing; without it an agent goes without ${withoutIt.join(', ')} (${probes.join(', ')})`,
        `Start the agent as root, or in systemd with AmbientCapabilities=CAP_${capability}. The analyzer does not need it.`,
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
