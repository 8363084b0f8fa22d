import { checkAddress } from './address.js';
import { checkAnalyzer, checkState } from './agent.js';
import type { Check } from './check.js';
import { checkClock } from './clock.js';
import { checkDataFolder } from './dataFolder.js';
import { checkDisk } from './disk.js';
import { checkHost, checkHostRoot } from './host.js';
import { checkNamespaces } from './namespaces.js';
import { checkAgentLibraries, checkKernel, checkLibraries, checkVersions } from './program.js';
import { checkCapabilities, checkOpenFiles } from './rights.js';
import { checkRunPaths } from './runPaths.js';

/** What `canopy doctor --agent` looks at: all that an agent needs, and nothing of an analyzer. */
export const AGENT_CHECKS: readonly Check[] = [
  checkVersions,
  checkKernel,
  checkAgentLibraries,
  checkCapabilities,
  checkNamespaces,
  checkHost,
  checkHostRoot,
  checkRunPaths,
  checkOpenFiles,
  checkState,
  checkAnalyzer,
  checkClock,
];

/** Everything that `canopy doctor` looks at, in the order in which it is shown. */
export const CHECKS: readonly Check[] = [
  checkVersions,
  checkKernel,
  checkLibraries,
  checkCapabilities,
  checkNamespaces,
  checkHost,
  checkHostRoot,
  checkRunPaths,
  checkOpenFiles,
  checkAddress,
  checkDisk,
  checkDataFolder,
  checkClock,
];
