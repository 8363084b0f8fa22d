/** Name of the project of vitest whose files share a process. */
export const TOGETHER = 'together';

/**
 * Tests whose files each get a process of their own: what they do or measure is of the whole process, such as its threads, descriptors, memory
 * and namespaces, or the Neo4j of a worker. All other files run one after the other in the same process, so that what they import is loaded
 * once and not for each of them, which takes longer than most of them do.
 */
export const ALONE = [
  'test/agent/**/*.test.ts',
  'test/cli/history.test.ts',
  'test/cli/servers.test.ts',
  'test/e2e/**/*.test.ts',
  'test/gremlin/cypher/database.test.ts',
  'test/gremlin/equality/**/*.test.ts',
  'test/gremlin/memory.test.ts',
  'test/history/**/*.test.ts',
  'test/journal/crash.test.ts',
  'test/journal/fullDisk.test.ts',
  'test/server/auth/keystone.test.ts',
  'test/server/fuzz/**/*.test.ts',
  'test/server/load.test.ts',
  'test/server/slowness.test.ts',
];
