import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { TOGETHER } from './alone.js';

/** Test files of more than half a minute, and of those that share a process of more than ten seconds, the longest first; below `test/`. */
const LONG = [
  'e2e/crash.test.ts',
  'gremlin/equality/equality.test.ts',
  'e2e/page/accessibility.test.ts',
  'e2e/churn.test.ts',
  'history/neo4j/projector.test.ts',
  'cli/history.test.ts',
  'history/behaviour.test.ts',
  'e2e/page/connection.test.ts',
  'agent/tables.test.ts',
  'cli/servers.test.ts',
  'agent/capture/captures.test.ts',
  'e2e/page/captures.test.ts',
  'e2e/page/time.test.ts',
  'server/slowness.test.ts',
  'e2e/page/hands.test.ts',
  'e2e/page/rooms.test.ts',
  'server/auth/keystone.test.ts',
  'simulator/simulator.test.ts',
  'compat/ws/protocol.test.ts',
  'server/auth/endings.test.ts',
  'server/auth/oidc.test.ts',
  'server/auth/tenants.test.ts',
  'compat/rest/resources.test.ts',
];

/**
 * Runs the long files first, so that none is left alone at the end: a fresh clone has no durations to tell them by, and their size does not.
 * Those that share a process come last and in one stretch: it lives as long as the next file is one of them.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const index = LONG.indexOf(relative(import.meta.dirname, moduleId));
      return (index < 0 ? LONG.length : index) + (project.name === TOGETHER ? LONG.length + 1 : 0);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
