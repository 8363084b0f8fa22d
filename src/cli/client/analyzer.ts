import type { Config } from '../../common/config/config.js';
import { readTokenFile } from '../../common/config/tokens.js';

/** Where to ask, and as whom. */
export interface Analyzer {
  /** `http://127.0.0.1:8082`, without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** The analyzer that the configuration names. Throws `CONFIG_INVALID` when the token file cannot be read. */
export const analyzerOf = (config: Config): Analyzer => ({ url: config.analyzer, token: readTokenFile(config.tokenFile) });

/** Headers that say who asks. */
export const authorization = ({ token }: Analyzer): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };
