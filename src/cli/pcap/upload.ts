import { CanopyError, type ErrorCode } from '../../common/errors.js';
import { authorization, type Analyzer } from '../../client/analyzer.js';
import type { Terminal } from '../terminal.js';
import { IMPORTED } from '../../protocol/imported.js';
import { INCOMPLETE, OK } from '../exitCodes.js';
import { readCapture } from './readCapture.js';

/** Codes for the statuses with which an analyzer refuses a file. */
const REFUSALS: Readonly<Record<number, ErrorCode>> = {
  400: 'BAD_INPUT',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  405: 'FORBIDDEN',
  413: 'LIMIT_EXCEEDED',
};

/** Hands a capture file to the analyzer, whose store has its flows afterwards. Answers the exit code; throws the analyzer's own error, or `UNAVAILABLE`. */
export async function uploadPcap(analyzer: Analyzer, path: string, terminal: Terminal): Promise<number> {
  const file = readCapture(path);
  const headers = { 'content-type': 'application/octet-stream', ...authorization(analyzer) };
  let answer: Response;
  try {
    answer = await fetch(`${analyzer.url}/api/pcap`, { method: 'POST', headers, body: file });
  } catch (error) {
    throw new CanopyError('UNAVAILABLE', `no answer from ${analyzer.url}`, { retriable: true, cause: error });
  }
  const text = (await answer.text()).trim();
  if (!answer.ok)
    throw new CanopyError(REFUSALS[answer.status] ?? 'UNAVAILABLE', text === '' ? `the analyzer answers ${answer.status}` : text);
  const [packets, flows, problem] = [IMPORTED.packets, IMPORTED.flows, IMPORTED.problem].map((name) => answer.headers.get(name));
  terminal.err(`${flows} flows of ${packets} packets are in the store\n`);
  if (problem === null || problem === undefined) return OK;
  terminal.err(`read ${packets} packets of ${file.length} bytes: ${decodeURIComponent(problem)}\n`);
  return INCOMPLETE;
}
