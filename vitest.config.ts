import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { ALONE, TOGETHER } from './test/alone.js';
import { LongestFirst } from './test/longestFirst.js';

const require = createRequire(import.meta.url);

export default defineConfig({
  // type-graphql and our code must see one copy of graphql, or its instanceof checks fail.
  resolve: { alias: [{ find: /^graphql$/, replacement: require.resolve('graphql/index.js') }] },
  test: {
    // Above what tests wait for by themselves (test/patience.ts), so that a wait that failed can say what it saw last.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    maxWorkers: 2,
    // In CI a test that failed is tried once more, and named (test/secondTries.ts).
    retry: process.env.CANOPY_CI === '1' ? 1 : 0,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE, globalSetup: ['test/history/neo4j/server/globalSetup.ts'] } },
      { extends: true, test: { name: TOGETHER, include: ['test/**/*.test.ts'], exclude: ALONE, isolate: false } },
    ],
  },
});
