import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../common/config/config.js';
import { formatListen } from '../common/config/listen.js';
import type { Log } from '../common/log.js';
import { greeting, startAnalyzerHere } from './analyzer.js';
import type { Running, Surroundings } from './serve.js';

/** Bytes of the token that the agent of this process shows: as many as nobody guesses. */
const TOKEN_BYTES = 32;

interface Stoppable {
  stop(): Promise<void>;
}

/** The analyzer and the agent of this host, who speak over loopback as they would over a network. An agent that fails does not stop the analyzer. */
export async function runAllInOne({ config, clock, log }: Surroundings): Promise<Running> {
  // One more token, that nobody has to write down: it is made anew at each start.
  const ownAgentToken = randomBytes(TOKEN_BYTES).toString('base64url');
  const analyzer = await startAnalyzerHere(config, { clock, log, ownAgentToken });
  const agent = startOwnAgent(config, analyzer.url, ownAgentToken, { clock, log }).catch((error: Error) => sayWhy(error, log));
  return {
    ...greeting(analyzer),
    async stop() {
      await (await agent)?.stop();
      await analyzer.stop();
    },
  };
}

async function startOwnAgent(
  config: Config,
  analyzerUrl: string,
  token: string,
  { clock, log }: Pick<Surroundings, 'clock' | 'log'>,
): Promise<Stoppable> {
  const { startAgent } = await import('../../agent/agent.js');
  const tokenFile = await keepToken(config.agent.stateDir, token);
  // The analyzer beside it has threads already, and a data folder that may be another user's.
  const agent = { ...config.agent, dropRights: false };
  return startAgent({ ...config, agent, analyzer: onLoopback(analyzerUrl), tokenFile }, { clock, log, isAnalyzerHere: true });
}

async function keepToken(folder: string, token: string): Promise<string> {
  const file = join(folder, 'token');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, `${token}\n`, { mode: 0o600 });
  return file;
}

/** An analyzer that listens on every address is reached by this host on loopback. */
function onLoopback(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname === '0.0.0.0' ? '127.0.0.1' : hostname === '[::]' ? '::1' : hostname.replace(/^\[|\]$/g, '');
  return `${protocol}//${formatListen({ host, port: Number(port) })}`;
}

function sayWhy(error: Error, log: Log): undefined {
  log.error({ err: error }, `the agent of this host does not run: ${error.message}; the analyzer goes on without it`);
}
