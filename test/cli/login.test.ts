import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { eventually } from '../compat/asking.js';
import { Browsing } from '../server/auth/browser.js';
import { CLIENT, startOidcPeer } from '../server/auth/oidcPeer.js';
import { folderWith } from '../server/auth/people.js';
import { openRig, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let home: string;
let dataDir: string;
let rig: Rig;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'canopy-home-'));
  vi.stubEnv('XDG_CONFIG_HOME', home);
  ({ dataDir } = await folderWith({ users: { anna: ['operator'] } }));
});
afterEach(async () => {
  await rig?.close();
  for (const folder of [home, dataDir]) rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

async function canopy(line: string, input?: string) {
  const terminal = recordTerminal({ input });
  const code = await run([...line.split(' '), '--analyzer', rig.url], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}
const loginsFile = () => join(home, 'canopy', 'logins.json');

describe('canopy login', () => {
  it('signs in for the commands that follow, until logout', async () => {
    rig = await openRig({ dataDir });
    expect(await canopy('whoami')).toMatchObject({ code: 4, messages: expect.stringContaining('canopy login') as string });
    const { code, answers } = await canopy('login --name anna --password-stdin -o json', 'anna-secret\n');
    expect([code, JSON.parse(answers)]).toMatchObject([0, { analyzer: rig.url, name: 'anna' }]);
    expect(await canopy('whoami')).toMatchObject({ code: 0, answers: `anna (operator) at ${rig.url}\n` });
    expect(JSON.parse((await canopy('whoami -o json')).answers)).toEqual({
      analyzer: rig.url,
      name: 'anna',
      roles: ['operator'],
      scopes: [],
    });
    expect((await canopy('nodes')).code).toBe(0);
    expect([statSync(loginsFile()).mode & 0o777, readFileSync(loginsFile(), 'utf8').includes('anna-secret')]).toEqual([0o600, false]);
    expect(await canopy('logout')).toMatchObject({ code: 0, messages: `Signed out anna at ${rig.url}\n` });
    expect((await canopy('whoami')).code).toBe(4);
    expect(await canopy('logout')).toMatchObject({ code: 0, messages: `Nobody was signed in at ${rig.url}\n` });
  });

  it('refreshes the session, and says when that has ended', async () => {
    rig = await openRig({ dataDir, config: { 'auth.session': 0 } });
    await canopy('login --name anna --password-stdin', 'anna-secret\n');
    const { port } = new URL(rig.url);
    rig = await rig.restart({ config: { listen: `127.0.0.1:${port}` } });
    expect((await canopy('whoami')).answers).toContain('anna (operator)');
    rmSync(join(dataDir, 'auth', 'sessions'));
    rig = await rig.restart({ config: { listen: `127.0.0.1:${port}` } });
    const ended = JSON.parse(readFileSync(loginsFile(), 'utf8')) as Record<string, { sessionEndsAt: number }>;
    expect(ended[rig.url]!.sessionEndsAt).toBeGreaterThan(Date.now());
    expect((await canopy('whoami')).code).toBe(4);
  });

  it.each([
    ['login --name anna --password-stdin', 'wrong\n', 4, /Wrong credentials/],
    ['login --name anna --password-stdin', '', 2, /no password on standard input/],
    ['login --name anna', '', 2, /--password-stdin/],
    ['login', '', 2, /needs --name/],
    ['login --oidc', '', 2, /has no provider of OpenID Connect/],
  ])('%s with %j is refused', async (line, input, code, message) => {
    rig = await openRig({ dataDir });
    expect(await canopy(line, input)).toMatchObject({ code, answers: '', messages: expect.stringMatching(message) as string });
  });

  it('signs in with a code that somebody confirms in a browser', async () => {
    vi.spyOn(console, 'info').mockImplementation(() => undefined);
    const peer = await startOidcPeer();
    try {
      const oidc = { 'auth.oidc.issuer': peer.issuer, 'auth.oidc.clientId': CLIENT.id, 'auth.oidc.clientSecret': CLIENT.secret };
      rig = await openRig({ dataDir, config: { ...oidc, 'auth.oidc.defaultRole': 'reader' } });
      peer.people.set('bob', []);
      peer.serve(rig.url);
      const terminal = recordTerminal();
      const done = run(['login', '--oidc', '--analyzer', rig.url], terminal);
      await eventually(() => terminal.messages.includes('Open '));
      const browser = await new Browsing().go(/Open (\S+)/.exec(terminal.messages)![1]!);
      await browser.submit(); // what its script would do
      await browser.submit(); // confirms the code
      await browser.signInAt('bob');
      expect(await done).toBe(0);
      expect((await canopy('whoami')).answers).toBe(`bob (reader) at ${rig.url}\n`);
      expect((await canopy('logout')).messages).toContain(`${peer.issuer}/session/end`);
    } finally {
      await peer.close();
      vi.restoreAllMocks();
    }
  });
});
