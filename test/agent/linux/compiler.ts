import { execFileSync } from 'node:child_process';
import { arch } from 'node:os';
import { program, type Need } from '../../needs.js';

/** The C compiler for an architecture as `process.arch` names it. Its code is never run, so that any machine can ask for any architecture. */
export interface Compiler {
  readonly architecture: string;
  readonly command: string;
  readonly need: Need;
}

const CROSS_COMPILERS: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu-gcc', arm64: 'aarch64-linux-gnu-gcc' };

/** For each architecture that the agent knows. */
export const COMPILERS: readonly Compiler[] = Object.entries(CROSS_COMPILERS).map(([architecture, cross]) => {
  const command = architecture === arch() ? 'gcc' : cross;
  return { architecture, command, need: program(command) };
});

/** A mark before each number in the assembler text. */
const MARK = 'canopy:';

/**
 * What C expressions are, with the headers of the compiler's architecture: each becomes a constant operand of an assembler comment, which
 * is read. `missing` are macros that older headers lack, with the value that they would have.
 */
export function evaluate(
  { command }: Compiler,
  headers: readonly string[],
  expressions: readonly string[],
  missing: Readonly<Record<string, number>> = {},
): number[] {
  const source = [
    '#define _GNU_SOURCE',
    ...headers.map((header) => `#include <${header}>`),
    ...Object.entries(missing).map(([name, value]) => `#ifndef ${name}\n#define ${name} ${value}\n#endif`),
    'void numbers(void) {',
    ...expressions.map((expression) => `__asm__ volatile("\\n// ${MARK}%c0" : : "i" ((long long)(${expression})));`),
    '}',
  ];
  const assembler = execFileSync(command, ['-S', '-O1', '-x', 'c', '-o', '-', '-'], {
    input: `${source.join('\n')}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return [...assembler.matchAll(new RegExp(`${MARK}(-?\\d+)`, 'g'))].map(([, number]) => Number(number));
}

/** Numbers by the C expression that says them, from constants, sizes and offsets by their C names. */
export function expressionsOf({
  constants,
  sizes,
  offsets,
}: {
  readonly constants: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly offsets: Readonly<Record<string, Readonly<Record<string, number>>>>;
}): Record<string, number> {
  const expressions: Record<string, number> = { ...constants };
  for (const [name, size] of Object.entries(sizes)) expressions[`sizeof(${name})`] = size;
  for (const [struct, fields] of Object.entries(offsets)) {
    for (const [field, offset] of Object.entries(fields)) expressions[`offsetof(${struct}, ${field})`] = offset;
  }
  return expressions;
}
