import type { Analyzer } from '../../client/analyzer.js';
import type { Config } from '../../common/config/config.js';
import { readTokenFile } from '../../common/config/tokens.js';
import { readLogin } from '../auth/logins.js';

/**
 * The analyzer that the configuration names, as whom the token file says, or else as whoever `canopy login` signed in there. Throws `CONFIG_INVALID` when the
 * token file cannot be read.
 */
export async function analyzerOf(config: Config): Promise<Analyzer> {
  const url = config.analyzer;
  const token = readTokenFile(config.tokenFile);
  if (token !== undefined || readLogin(url) === undefined) return { url, token };
  const { currentSession } = await import('../auth/session.js');
  return { url, token: await currentSession(url) };
}
