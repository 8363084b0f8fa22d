import { execFile } from 'node:child_process';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Bench, Figure } from './bench.js';
import { compileProject } from './compiled.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the bench of a module and prints its figures. */
const RUN = `import(process.argv[1])
  .then(({ bench }) => bench.run())
  .then((figures) => process.stdout.write(JSON.stringify(figures), () => process.exit(0)));`;

/** The bench of the module at `url`; where that is a source, it is run compiled, in a process of its own, as the program is delivered. */
export function asDelivered(url: string, bench: Bench): Bench {
  if (!url.endsWith('.ts')) return bench;
  return {
    ...bench,
    async run(): Promise<readonly Figure[]> {
      const compiled = compileProject();
      try {
        const file = compiled.file(relative(ROOT, fileURLToPath(url)));
        const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', RUN, file]);
        process.stderr.write(stderr);
        return JSON.parse(stdout) as Figure[];
      } finally {
        compiled.remove();
      }
    },
  };
}
