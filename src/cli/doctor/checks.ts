import { checkAddress } from './address.js';
import type { Check } from './check.js';
import { checkClock } from './clock.js';
import { checkDataFolder } from './dataFolder.js';
import { checkDisk } from './disk.js';
import { checkNamespaces } from './namespaces.js';
import { checkKernel, checkLibraries, checkVersions } from './program.js';
import { checkCapabilities, checkOpenFiles } from './rights.js';

/** Everything that `canopy doctor` looks at, in the order in which it is shown. */
export const CHECKS: readonly Check[] = [
  checkVersions,
  checkKernel,
  checkLibraries,
  checkCapabilities,
  checkNamespaces,
  checkOpenFiles,
  checkAddress,
  checkDisk,
  checkDataFolder,
  checkClock,
];
