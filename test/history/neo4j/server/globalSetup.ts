import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Folder of the Neo4j servers that this run has started. */
    neo4jFolder: string;
    /** The process of the run: they end with it, however it ends. */
    neo4jOwner: number;
  }
}

/** Ends the servers that tests of this run started; none is started before a test needs it. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-neo4j-run-'));
  project.provide('neo4jFolder', folder);
  project.provide('neo4jOwner', process.pid);
  return () => {
    for (const worker of readdirSync(folder)) {
      const file = join(folder, worker, 'server.json');
      if (!existsSync(file)) continue;
      try {
        process.kill((JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
