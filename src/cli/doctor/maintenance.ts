import { printData } from '../output/format.js';
import { progressOn } from '../output/progress.js';
import type { Terminal } from '../terminal.js';

const isData = (format: string | undefined): format is 'json' | 'yaml' => format === 'json' || format === 'yaml';

/** Mends the journal of a data folder and says what was kept and lost. Throws `DATA_LOCKED`, `DATA_NEWER`, `DATA_DAMAGED`, `NOT_FOUND`. */
export async function repairFolder(dataDir: string, terminal: Terminal, format: string | undefined): Promise<void> {
  const { repair } = await import('../../journal/repair.js');
  const report = await repair(dataDir, progressOn(terminal));
  if (isData(format)) return printData(report, format, terminal);
  const { kept, lost, unreadablePages, brokenValues, keptProgress, damagedFile } = report;
  terminal.out(`${kept} changes kept, ${lost} lost; ${unreadablePages} pages could not be read, ${brokenValues} values were broken\n`);
  if (!keptProgress) terminal.out('agents will send everything again, and only differences become changes\n');
  terminal.out(`the damaged journal is kept as ${damagedFile}; remove it when you do not need it any more\n`);
}

/** Gives the room of deleted changes back to the disk. Throws `DATA_LOCKED`, `DATA_NEWER`, `DATA_DAMAGED`, `STORE_UNAVAILABLE`. */
export async function compactFolder(dataDir: string, terminal: Terminal, format: string | undefined): Promise<void> {
  const { compact } = await import('../../journal/compact.js');
  const report = await compact(dataDir, progressOn(terminal));
  if (isData(format)) return printData(report, format, terminal);
  terminal.out(`${mebibytes(report.bytesBefore)} before, ${mebibytes(report.bytesAfter)} after\n`);
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
