import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { KernelProgram } from '../../../linux/bpf.js';

/**
 * Compiles flow.bpf.c, and takes instructions, maps and relocations out of the object file, so that nothing of ELF is needed where it is loaded.
 * `tsx agent/capture/ebpf/program/compile.ts` writes flowProgram.ts; a test compares.
 */

const SOURCE = fileURLToPath(new URL('./flow.bpf.c', import.meta.url));
const TARGET = fileURLToPath(new URL('../flowProgram.ts', import.meta.url));
const INSTRUCTION_BYTES = 8;
const SYMBOL_BYTES = 24;
const MAP_BYTES = 20;

/** The version of the compiler: other versions make other instructions. */
export const compilerVersion = (): string => /clang version (\d+)/.exec(execFileSync('clang', ['--version'], { encoding: 'utf8' }))![1]!;

export function compileProgram(): KernelProgram {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-bpf-'));
  try {
    const object = join(folder, 'flow.o');
    const include = `/usr/include/${execFileSync('gcc', ['-dumpmachine'], { encoding: 'utf8' }).trim()}`;
    execFileSync('clang', ['-O2', '-target', 'bpf', '-mcpu=v3', '-Wall', '-Werror', `-I${include}`, '-c', SOURCE, '-o', object], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return readObject(readFileSync(object));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sections of a 64-bit little-endian object file (elf(5)). */
function readObject(file: Buffer): KernelProgram {
  const table = Number(file.readBigUInt64LE(40));
  const entryBytes = file.readUInt16LE(58);
  const headers = Array.from({ length: file.readUInt16LE(60) }, (_, index) =>
    file.subarray(table + index * entryBytes, table + (index + 1) * entryBytes),
  );
  const content = (header: Buffer): Buffer => {
    const offset = Number(header.readBigUInt64LE(24));
    return file.subarray(offset, offset + Number(header.readBigUInt64LE(32)));
  };
  const textAt = (texts: Buffer, at: number): string => texts.toString('latin1', at, texts.indexOf(0, at));
  const names = content(headers[file.readUInt16LE(62)]!);
  const named = (name: string): Buffer => content(headers.find((header) => textAt(names, header.readUInt32LE(0)) === name)!);
  const symbols = named('.symtab');
  const strings = named('.strtab');
  const maps = named('maps');
  const relocations = named('.relsocket');
  const symbolAt = (index: number) => {
    const at = index * SYMBOL_BYTES;
    return { name: textAt(strings, symbols.readUInt32LE(at)), value: Number(symbols.readBigUInt64LE(at + 8)) };
  };
  const uses = Array.from({ length: relocations.length / 16 }, (_, index) => {
    const { name, value } = symbolAt(relocations.readUInt32LE(index * 16 + 12));
    return { instruction: Number(relocations.readBigUInt64LE(index * 16)) / INSTRUCTION_BYTES, map: name, at: value };
  });
  const byName = new Map(uses.map(({ map, at }) => [map, at]));
  return {
    compiler: compilerVersion(),
    instructions: named('socket').toString('base64'),
    maps: [...byName].map(([name, at]) => {
      const definition = maps.subarray(at, at + MAP_BYTES);
      const [type, keySize, valueSize, entries, flags] = Array.from({ length: 5 }, (_, index) => definition.readUInt32LE(index * 4));
      return { name, type: type!, keySize: keySize!, valueSize: valueSize!, entries: entries!, flags: flags! };
    }),
    relocations: uses.map(({ instruction, map }) => ({ instruction, map })),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const program = JSON.stringify(compileProgram(), undefined, 2);
  const head =
    "import type { KernelProgram } from '../../linux/bpf.js';\n\n/** Made from program/flow.bpf.c by program/compile.ts; not written by hand. */\n";
  writeFileSync(TARGET, `${head}export const FLOW_PROGRAM: KernelProgram = ${program};\n`);
  execFileSync('npx', ['prettier', '--write', TARGET]);
}
