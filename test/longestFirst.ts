import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files of more than half a minute, the longest first; below `test/`. */
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
];

/** Runs the long files first, so that none is left alone at the end: a fresh clone has no durations to tell them by, and their size does not. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONG.indexOf(relative(import.meta.dirname, moduleId));
      return index < 0 ? LONG.length : index;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
