import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const PROTO = 'src/compat/proto';

/** The program as it is delivered, in a folder of its own. */
export interface Compiled {
  /** Path of the compiled file of a source file, given from the root of the project. */
  file(source: string): string;
  remove(): void;
}

/**
 * Compiles the project and its benches. A server that is measured has to run what `npm start` runs: the names that `tsx` keeps for
 * functions and classes cost as much as the work itself where a function takes less than a microsecond.
 */
export function compileProject(): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-compiled-'));
  const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', 'false', '--noCheck', '--sourceMap', 'false', '--outDir', folder];
  execFileSync(process.execPath, [compiler, '-p', join(PROJECT, 'tsconfig.json'), ...options], { stdio: ['ignore', 'inherit', 'inherit'] });
  // What is read at run time and not compiled, as the build does it.
  cpSync(join(PROJECT, PROTO), join(folder, PROTO), { recursive: true });
  copyFileSync(join(PROJECT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  return {
    file: (source) => join(folder, source.replace(/\.ts$/, '.js')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
