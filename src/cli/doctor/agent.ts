import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Dial } from '../../../agent/link/linkSocket.js';
import { readTokenFile } from '../../common/config/tokens.js';
import { fail, ok, reasonOf, warn, type Check, type Finding } from './check.js';
import { nearestFolder } from './disk.js';

/** Milliseconds that the analyzer may take for an answer. */
const PATIENCE = 5_000;

/** The folder in which the agent keeps the identities of interfaces. */
export const checkState: Check = async ({ agent: { stateDir } }) => {
  const folder = await nearestFolder(resolve(stateDir));
  try {
    await access(folder, constants.W_OK);
    return [ok('state', `${stateDir} can be written`)];
  } catch (error) {
    const says = `${stateDir} cannot be written: ${reasonOf(error)}; interfaces that were moved or renamed are new ones after a restart of the agent`;
    return [warn('state', says, 'Give the user of the agent the right to write there, or choose another agent.stateDir.')];
  }
};

/** Knocks at the analyzer's door for agents, with the token that an agent would show, and leaves before a word is said. */
export const checkAnalyzer: Check = async ({ analyzer, tokenFile, tls }) => {
  try {
    const token = readTokenFile(tokenFile);
    const { webSocketDial } = await import('../../../agent/link/webSocketDial.js');
    const { openCertificates } = await import('../../../agent/link/certificates.js');
    return [await knock(webSocketDial(analyzer, token, openCertificates(tls)), analyzer)];
  } catch (error) {
    return [fail('analyzer', reasonOf(error), 'Mend the file, or the key that names it.')];
  }
};

function knock(dial: Dial, analyzer: string): Promise<Finding> {
  return new Promise((done) => {
    const timer = setTimeout(() => {
      done(
        warn('analyzer', `${analyzer} does not answer within ${PATIENCE / 1000} s`, 'Check the network; the agent tries again for ever.'),
      );
      socket.terminate();
    }, PATIENCE);
    const finish = (finding: Finding): void => {
      clearTimeout(timer);
      done(finding);
    };
    const socket = dial({
      opened: () => {
        finish(ok('analyzer', `${analyzer} lets this agent in`));
        socket.close(1000, 'only looked');
      },
      received: () => undefined,
      closed: (_code, reason, failure) => {
        const [says, advice] = (failure?.message ?? `${analyzer} hung up: ${reason}`).split('; ', 2) as [string, string?];
        if (failure?.isRefusal === true) finish(fail('analyzer', says, advice ?? 'See the log of the analyzer.'));
        else finish(warn('analyzer', says, `${advice ?? 'Check the network'}. The agent watches meanwhile, and hands over later.`));
      },
    });
  });
}
