import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Debian's own Keystone, on SQLite and Fernet tokens in a folder of its own: `ada` is a member of the project `admin`, `eve` the administrator of `others`. Their
 * passwords are `NAME-secret`.
 */
export async function startRealKeystone(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-keystone-'));
  const conf = join(folder, 'keystone.conf');
  writeFileSync(conf, configuration(folder));
  for (const keys of ['fernet', 'credential']) mkdirSync(join(folder, keys), { mode: 0o700 });
  const manage = (...args: string[]): void =>
    void execFileSync('keystone-manage', ['--config-file', conf, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  manage('db_sync');
  manage('fernet_setup', '--keystone-user', 'root', '--keystone-group', 'root');
  bootstrap(manage, 'ada', 'admin', 'member');
  bootstrap(manage, 'eve', 'others', 'admin');
  // Port 0: it picks a free one, and says which. Unbuffered, or else it says so when it ends.
  const server = spawn('keystone-wsgi-public', ['--host', '127.0.0.1', '--port', '0'], {
    env: { ...process.env, OS_KEYSTONE_CONFIG_FILES: conf, PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(server, 'exit');
  const port = await new Promise<string | undefined>((resolve) => {
    let said = '';
    server.stdout.on('data', (part) => {
      said += String(part);
      const found = /http:\/\/[^:\s]+:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    void exited.then(() => resolve(undefined));
  });
  const close = async (): Promise<void> => {
    server.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  if (port !== undefined) return { url: `http://127.0.0.1:${port}`, close };
  await close();
  throw new Error('Keystone did not start');
}

const bootstrap = (manage: (...args: string[]) => void, name: string, project: string, role: string): void => {
  const values = { username: name, password: `${name}-secret`, 'project-name': project, 'role-name': role, 'service-name': 'keystone' };
  manage('bootstrap', ...Object.entries(values).flatMap(([option, value]) => [`--bootstrap-${option}`, value]));
};

const configuration = (folder: string): string => `[DEFAULT]
log_dir = ${folder}
[database]
connection = sqlite:///${folder}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = ${folder}/fernet
[credential]
key_repository = ${folder}/credential
[cache]
enabled = false
[identity]
password_hash_rounds = 4
`;
