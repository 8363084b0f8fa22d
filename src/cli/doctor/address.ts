import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Config } from '../../common/config/config.js';
import { isLoopback, parseListen } from '../../common/config/listen.js';
import { readTokenFile, readTokens } from '../../common/config/tokens.js';
import { fail, ok, reasonOf, warn, type Check, type Finding } from './check.js';
import { portOwner } from './portOwner.js';

export const checkAddress: Check = async (config) => [await address(config), ...(await doors(config))];

async function address({ listen }: Config): Promise<Finding> {
  const { host, port } = parseListen(listen);
  const error = await tryToListen(host, port);
  if (error === undefined) return ok('address', `${listen} is free`);
  if (error.code !== 'EADDRINUSE')
    return fail('address', `cannot listen on ${listen}: ${error.message}`, 'Choose another with --listen HOST:PORT.');
  const owner = (await portOwner(port)) ?? 'another process';
  return warn(
    'address',
    `${listen} is in use by ${owner}`,
    'Fine when that is your analyzer; otherwise stop it, or choose another address with --listen HOST:PORT.',
  );
}

const tryToListen = (host: string, port: number): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });

/** Who may come in. */
async function doors({ listen, insecure, tokens, tokenFile }: Config): Promise<Finding[]> {
  const { host } = parseListen(listen);
  const entries = [...tokens.agents, ...tokens.readers, ...tokens.writers];
  const findings: Finding[] = [];
  try {
    const count = readTokens(entries).length;
    readTokenFile(tokenFile);
    if (count > 0) findings.push(ok('tokens', `${count} configured`));
    else if (isLoopback(host)) findings.push(ok('tokens', 'none, and only this machine can reach the address'));
    else if (insecure)
      findings.push(
        warn(
          'tokens',
          `none, and others can reach ${listen}`,
          'Everybody who reaches it may read and write. Configure tokens.readers, tokens.writers and tokens.agents.',
        ),
      );
    else
      findings.push(
        fail(
          'tokens',
          `none, and others could reach ${listen}: the analyzer will refuse to start`,
          'Configure tokens.readers, tokens.writers and tokens.agents, or listen on 127.0.0.1.',
        ),
      );
  } catch (error) {
    findings.push(fail('tokens', reasonOf(error), 'Mend the file, or the key that names it.'));
  }
  const files = [tokenFile, ...entries.filter((entry) => entry.startsWith('file:')).map((entry) => entry.slice(5))].filter(
    (file) => file !== undefined,
  );
  for (const file of files) {
    const mode = await stat(file).then(
      ({ mode }) => mode,
      () => 0,
    );
    if ((mode & 0o007) !== 0) findings.push(warn('tokens', `everybody on this machine may read or change ${file}`, `chmod 640 ${file}`));
  }
  return findings;
}
