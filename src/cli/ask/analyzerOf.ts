import type { Analyzer } from '../../client/analyzer.js';
import type { Config } from '../../common/config/config.js';
import { readTokenFile } from '../../common/config/tokens.js';

/** The analyzer that the configuration names. Throws `CONFIG_INVALID` when the token file cannot be read. */
export const analyzerOf = (config: Config): Analyzer => ({ url: config.analyzer, token: readTokenFile(config.tokenFile) });
