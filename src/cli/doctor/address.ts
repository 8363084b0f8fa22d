import { readFile, stat } from 'node:fs/promises';
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
async function doors(config: Config): Promise<Finding[]> {
  const { listen, insecure, tokens, tokenFile } = config;
  const { host } = parseListen(listen);
  const entries = [...tokens.agents, ...tokens.readers, ...tokens.writers];
  const findings: Finding[] = [];
  try {
    const count = readTokens(entries).length;
    readTokenFile(tokenFile);
    const { users, machines } = await keptIn(config);
    if (count + users + machines > 0) findings.push(ok('doors', `${users} users, ${count + machines} tokens`));
    else if (isLoopback(host)) findings.push(ok('doors', 'nobody is asked who they are, and only this machine can reach the address'));
    else if (insecure)
      findings.push(
        warn(
          'doors',
          `nobody is asked who they are, and others can reach ${listen}`,
          'Everybody who reaches it may read and write. Leave `insecure` out, or make users with `canopy user add`.',
        ),
      );
    else
      findings.push(
        warn(
          'doors',
          `there are no users, and others can reach ${listen}: the first start makes an administrator and prints the password`,
          'Or make one before, with `canopy user add NAME --role administrator`.',
        ),
      );
  } catch (error) {
    findings.push(fail('doors', reasonOf(error), 'Mend the file, or the key that names it.'));
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

/** Users and tokens in the files that commands keep. Throws `CONFIG_INVALID` for what is wrong in them. */
async function keptIn(config: Config): Promise<{ readonly users: number; readonly machines: number }> {
  const { authFiles } = await import('../../server/auth/gate.js');
  const { readUsers } = await import('../../server/auth/users.js');
  const { readMachineTokens } = await import('../../server/auth/machineTokens.js');
  const files = authFiles(config);
  const textOf = (path: string) =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : Promise.reject(error)));
  return {
    users: readUsers(await textOf(files.users), files.users).size,
    machines: readMachineTokens(await textOf(files.tokens), files.tokens).size,
  };
}
