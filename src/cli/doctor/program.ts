import { release } from 'node:os';
import { programVersion } from '../../common/version.js';
import { fail, ok, reasonOf, warn, type Check, type Finding } from './check.js';

/** The Node that the package asks for. */
const LEAST_NODE = [20, 19] as const;

/** Linux 4.18: network namespace ids in every rtnetlink dump, and strict checking of requests soon after. */
const LEAST_KERNEL = [4, 18] as const;

export const checkVersions: Check = async () => [
  ok('canopy', `version ${programVersion()}`),
  isAtLeast(process.versions.node, LEAST_NODE)
    ? ok('node', `version ${process.versions.node}`)
    : fail('node', `version ${process.versions.node} is too old`, `Install Node ${LEAST_NODE.join('.')} or later.`),
];

export const checkKernel: Check = async () => [kernel()];

function kernel(): Finding {
  if (process.platform !== 'linux') {
    return warn(
      'kernel',
      `${process.platform} ${release()}`,
      'The agent watches Linux hosts only; the analyzer and the other commands work here.',
    );
  }
  if (isAtLeast(release(), LEAST_KERNEL)) return ok('kernel', `Linux ${release()} ${process.arch}`);
  return warn(
    'kernel',
    `Linux ${release()} is older than ${LEAST_KERNEL.join('.')}`,
    'Peers across namespaces may be missing; use a newer kernel on hosts with an agent.',
  );
}

/** Libraries with compiled parts, and what does not work without them. */
const LIBRARIES = [
  ['koffi', 'the agent cannot reach the kernel, and the data folder cannot be locked'],
  ['lmdb', 'the analyzer cannot keep changes'],
  ['@duckdb/node-api', 'the analyzer cannot keep measurements'],
] as const;

export const checkLibraries: Check = () => load(LIBRARIES);

/** The one that an agent needs. */
export const checkAgentLibraries: Check = () => load(LIBRARIES.slice(0, 1));

const load = (libraries: readonly (readonly [name: string, without: string])[]): Promise<readonly Finding[]> =>
  Promise.all(
    libraries.map(async ([name, without]): Promise<Finding> => {
      try {
        await import(name);
        return ok(name, 'loads');
      } catch (error) {
        return fail(
          name,
          `does not load: ${reasonOf(error)}; ${without}`,
          'Install the packages on this kind of machine (`npm ci`): compiled parts differ by system, processor and C library.',
        );
      }
    }),
  );

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [a = 0, b = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return a > major || (a === major && b >= minor);
}
