import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { http, openRig, type Rig } from '../server/rig.js';
import { eventually } from '../compat/asking.js';
import { recordTerminal } from './terminal.js';

// Passwords cost what they cost, and more on a busy machine; nothing here is about time.
vi.setConfig({ testTimeout: 120_000 });

const WHO = { query: '{ viewer { name roles } }' };

let dataDir: string;
let rig: Rig | undefined;
beforeEach(() => void (dataDir = mkdtempSync(join(tmpdir(), 'canopy-auth-'))));
afterEach(async () => {
  await rig?.close();
  rig = undefined;
  rmSync(dataDir, { recursive: true, force: true });
});

async function canopy(line: string, input?: string) {
  const terminal = recordTerminal({ input });
  const code = await run([...line.split(' '), '--data-dir', dataDir], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}
const signIn = async (name: string, password: string): Promise<number> => {
  const body = JSON.stringify({ name, password });
  return (await fetch(`${rig!.url}/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
};

describe('canopy user', () => {
  it('adds people with a password that is printed once, lists and removes them', async () => {
    const made = await canopy('user add anna --role operator');
    expect(made.code).toBe(0);
    expect((await canopy('user add bob --password-stdin', 'hunter2\n')).answers).toBe('');
    expect(JSON.parse((await canopy('user list -o json')).answers)).toEqual([
      { name: 'anna', roles: ['operator'], scopes: [] },
      { name: 'bob', roles: ['reader'], scopes: [] },
    ]);
    const file = join(dataDir, 'auth', 'users');
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8').includes('hunter2')]).toEqual([0o600, false]);
    rig = await openRig({ dataDir });
    expect([await signIn('anna', made.answers.trim()), await signIn('bob', 'hunter2'), await signIn('bob', 'x')]).toEqual([200, 200, 401]);
    await canopy('user remove bob');
    await eventually(async () => (await signIn('bob', 'hunter2')) === 401);
    expect((await canopy('user remove bob')).code).toBe(6);
  });

  it('sets a new password and keeps the roles', async () => {
    await canopy('user add anna --role operator');
    await canopy('user add anna --password-stdin', 'another');
    expect(JSON.parse((await canopy('user list -o json')).answers)).toEqual([{ name: 'anna', roles: ['operator'], scopes: [] }]);
  });

  it.each([
    ['user add anna --role operater', /'operater': there are reader/],
    ['user add', /needs the name/],
    ['user add a:b', /cannot be the name/],
    ['user add anna --password-stdin', /no password/],
  ])('%s is refused', async (line, message) => {
    expect(await canopy(line, '')).toMatchObject({ code: 2, answers: '', messages: expect.stringMatching(message) as string });
  });
});

describe('canopy token', () => {
  it('makes tokens that a running analyzer knows at once, and revokes them', async () => {
    await canopy('user add anna --password-stdin', 'x');
    rig = await openRig({ dataDir });
    const text = (await canopy('token create --role publisher --name ci --expires 90d')).answers.trim();
    expect(await http.ask(rig.url, WHO, text)).toEqual({ data: { viewer: { name: 'token:ci', roles: ['PUBLISHER'] } } });
    const [row] = JSON.parse((await canopy('token list -o json')).answers) as {
      id: string;
      created: string;
      expires: string;
      state: string;
    }[];
    expect(Date.parse(row!.expires) - Date.parse(row!.created)).toBe(90 * 86_400_000);
    expect(text.startsWith(`canopy_${row!.id}_`)).toBe(true);
    expect(readFileSync(join(dataDir, 'auth', 'tokens'), 'utf8')).not.toContain(text);
    expect((await canopy(`token revoke ${row!.id}`)).code).toBe(0);
    await eventually(async () => (await http.ask(rig!.url, WHO, text)).errors?.[0]?.extensions.code === 'UNAUTHENTICATED');
    expect((await canopy('token list')).answers).toContain('revoked');
  });

  it.each([
    ['token create', 2, /needs --role/],
    ['token create --role nobody', 2, /'nobody'/],
    ['token create --role reader --expires soon', 2, /'soon'/],
    ['token revoke 123', 6, /no token '123'/],
  ])('%s is refused', async (line, code, message) => {
    expect(await canopy(line)).toMatchObject({ code, answers: '', messages: expect.stringMatching(message) as string });
  });
});
