import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { authorization, type Analyzer } from '../../client/analyzer.js';
import { unreachable } from '../../client/ask.js';
import { faultsToError, type GraphqlFault } from '../../client/answer.js';
import { CanopyError } from '../../common/errors.js';
import type { Terminal } from '../terminal.js';

/** Writes what the analyzer has at this address into a file, whatever its size. Throws the analyzer's own error, or `UNAVAILABLE`; no half file stays then. */
export async function downloadFile(analyzer: Analyzer, address: string, path: string, terminal: Terminal): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(`${analyzer.url}${address}`, { headers: authorization(analyzer) });
  } catch (error) {
    throw unreachable(analyzer, (error as Error).cause instanceof Error ? ((error as Error).cause as Error) : (error as Error));
  }
  if (!answer.ok || answer.body === null) throw await refusal(analyzer, answer);
  let bytes = 0;
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      done(null, part);
    },
  });
  const file = createWriteStream(path);
  let isOpen = false;
  file.once('open', () => (isOpen = true));
  try {
    await pipeline(Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]), counted, file);
  } catch (error) {
    if (!isOpen) throw new CanopyError('BAD_INPUT', `${path} cannot be written: ${(error as Error).message}`, { cause: error });
    await rm(path, { force: true });
    throw new CanopyError('UNAVAILABLE', `the file of ${analyzer.url} broke off after ${bytes} bytes`, { retriable: true, cause: error });
  }
  terminal.err(`${bytes} bytes in ${path}\n`);
}

async function refusal(analyzer: Analyzer, answer: Response): Promise<CanopyError> {
  try {
    const { errors } = (await answer.json()) as { errors?: readonly GraphqlFault[] };
    if (errors !== undefined && errors.length > 0) return faultsToError(errors);
  } catch {
    // Not the words of an analyzer.
  }
  return new CanopyError('UNAVAILABLE', `${analyzer.url} answered with status ${answer.status}`);
}
