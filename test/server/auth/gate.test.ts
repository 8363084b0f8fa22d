import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/common/clock.js';
import type { ConfigPath } from '../../../src/common/config/keys.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { openGate, type Gate } from '../../../src/server/auth/gate.js';
import { hashPassword, isHash, makePassword, verifyPassword } from '../../../src/server/auth/password.js';
import { openPolicy } from '../../../src/server/auth/policy.js';
import { describeWith, program } from '../../needs.js';
import { CHEAP, changeTokens, folderWith } from './people.js';

/** Goes on only when told to. */
class Stopped implements Clock {
  time = 1_000_000;
  now = (): number => this.time;
  monotonic = (): number => this.time;
  after = (): (() => void) => () => undefined;
  every = (): (() => void) => () => undefined;
}

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

async function gateWith(people: Parameters<typeof folderWith>[0], config: Partial<Record<ConfigPath, unknown>> = {}) {
  const { dataDir, tokens } = await folderWith(people);
  folders.push(dataDir);
  const clock = new Stopped();
  const open = async (): Promise<Gate> => {
    const { auth, tokens: listed } = configWith({ ...config, dataDir });
    return openGate({ auth, tokens: listed, dataDir, policy: await openPolicy(auth), decoyLogN: CHEAP, clock, log: silentLog });
  };
  return { gate: await open(), reopen: open, clock, dataDir, tokens };
}

const credential = (name: string, password = `${name}-secret`): string => btoa(`${name}:${password}`);
const show = (...credentials: string[]) => ({ credentials, from: '192.0.2.1' });

describe('passwords', () => {
  it('are kept as a hash that knows the right one', async () => {
    const hash = await hashPassword('correct horse', CHEAP);
    expect(hash).toMatch(/^\$scrypt\$ln=4,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('correct hors', hash)).toBe(false);
    expect(await hashPassword('correct horse', CHEAP)).not.toBe(hash);
  });

  it.each(['plain', '{SHA}x', '$scrypt$ln=99,r=8,p=1$AAAA$AAAA', '$scrypt$ln=4,r=8,p=99$AAAA$AAAA', '$2y$31$' + 'a'.repeat(53), ''])(
    'are not taken for a hash: %s',
    (text) => expect(isHash(text)).toBe(false),
  );

  it('that are made are all different and can be typed', () => {
    const made = Array.from({ length: 50 }, makePassword);
    expect(new Set(made).size).toBe(50);
    for (const password of made) expect(password).toMatch(/^([a-z2-9]{5}-){4}[a-z2-9]{5}$/);
  });
});

describeWith([program('htpasswd')], 'a file of htpasswd', () => {
  it('is taken as it is, its users having the default role', async () => {
    const { dataDir, reopen } = await gateWith({}, { 'auth.defaultRole': 'operator' });
    writeFileSync(join(dataDir, 'auth', 'users'), execFileSync('htpasswd', ['-nbB', 'anna', 'pass:word']));
    const gate = await reopen();
    expect(await gate.authenticate(show(credential('anna', 'pass:word')))).toMatchObject({ name: 'anna', roles: ['operator'] });
    expect(await gate.authenticate(show(credential('anna', 'password')))).toBeUndefined();
  });
});

describe('the gate', () => {
  it('is open without users and tokens, and closes as soon as there is one, for good', async () => {
    const { gate, clock, dataDir } = await gateWith({});
    expect(gate.isOpen).toBe(true);
    expect(await gate.authenticate(show())).toMatchObject({ name: 'anonymous' });
    writeFileSync(join(dataDir, 'auth', 'users'), `anna:${await hashPassword('x', CHEAP)}:reader\n`);
    clock.time += 1_001;
    expect(await gate.authenticate(show())).toBeUndefined();
    rmSync(join(dataDir, 'auth', 'users'));
    clock.time += 1_001;
    expect(gate.isOpen).toBe(false);
  });

  it('knows users by their password and gives them their roles', async () => {
    const { gate } = await gateWith({ users: { anna: ['operator'], bob: [] } });
    expect(await gate.authenticate(show(credential('anna')))).toMatchObject({ name: 'anna', roles: ['operator'] });
    expect(await gate.authenticate(show('junk', credential('bob')))).toMatchObject({ name: 'bob', roles: ['reader'] });
    for (const wrong of [credential('anna', 'x'), credential('nobody'), credential('Anna', 'anna-secret'), 'anna', btoa('anna')])
      expect(await gate.authenticate(show(wrong))).toBeUndefined();
  });

  it('refuses a user with a role that nobody knows, and a line that is no user, with the place', async () => {
    await expect(gateWith({ users: { anna: ['operater'] } })).rejects.toThrow("the user 'anna' has the role 'operater'");
    const { dataDir, reopen } = await gateWith({});
    writeFileSync(join(dataDir, 'auth', 'users'), '# people\nanna:secret\n');
    await expect(reopen()).rejects.toThrow(/auth\/users:2: this is no user/);
  });

  it('keeps what a file said before when it is spoilt, and takes it when it is whole again', async () => {
    const { gate, dataDir, clock } = await gateWith({ users: { anna: ['reader'] } });
    const path = join(dataDir, 'auth', 'users');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, 'spoilt');
    clock.time += 1_001;
    expect(await gate.authenticate(show(credential('anna')))).toBeDefined();
    writeFileSync(path, whole.replace('anna', 'berta'));
    clock.time += 1_001;
    expect(await gate.authenticate(show(credential('anna')))).toBeUndefined();
    expect(await gate.authenticate(show(credential('berta', 'anna-secret')))).toBeDefined();
  });

  it('slows down who guesses, and nobody else', async () => {
    const { gate, clock } = await gateWith({ users: { anna: ['reader'], bob: ['reader'] }, tokens: [{ roles: ['reader'] }] });
    const guess = () => gate.signIn('anna', 'wrong', '192.0.2.9');
    for (let tries = 0; tries < 5; tries++) await expect(guess()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(guess()).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', details: { retryAfterSeconds: 1 } });
    // Not even the right one is looked at.
    await expect(gate.signIn('anna', 'anna-secret', '192.0.2.9')).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(await gate.signIn('anna', 'anna-secret', '192.0.2.1')).toMatchObject({ name: 'anna' });
    expect(await gate.signIn('bob', 'bob-secret', '192.0.2.9')).toMatchObject({ name: 'bob' });
    clock.time += 1_000;
    await expect(guess()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    await expect(guess()).rejects.toMatchObject({ details: { retryAfterSeconds: 2 } });
    clock.time += 2_000;
    expect(await gate.signIn('anna', 'anna-secret', '192.0.2.9')).toMatchObject({ name: 'anna' });
    await expect(guess()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('slows down an address that tries many names', async () => {
    const { gate } = await gateWith({ users: { anna: ['reader'] } });
    const tried = Array.from({ length: 30 }, (_, index) =>
      gate.signIn(`name-${index}`, 'x', '192.0.2.7').catch(({ code }) => code as string),
    );
    expect(new Set(await Promise.all(tried))).toEqual(new Set(['UNAUTHENTICATED']));
    await expect(gate.signIn('another', 'x', '192.0.2.7')).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('knows tokens until they expire or are revoked, also ones made a moment ago', async () => {
    const { gate, clock, dataDir, tokens } = await gateWith({
      users: { anna: ['reader'] },
      tokens: [
        { roles: ['publisher'], name: 'ci' },
        { roles: ['reader'], expiresAt: 1_060_000 },
      ],
    });
    const viewer = await gate.authenticate(show(tokens[0]!));
    expect(viewer).toMatchObject({ name: 'token:ci', roles: ['publisher'] });
    expect(await gate.authenticate(show(tokens[1]!))).toBeDefined();
    expect(await gate.authenticate(show(`${tokens[0]!.slice(0, -1)}${tokens[0]!.endsWith('A') ? 'B' : 'A'}`))).toBeUndefined();
    clock.time += 60_000;
    expect(await gate.authenticate(show(tokens[1]!))).toBeUndefined();
    expect(viewer!.isStillGood!()).toBe(true);
    changeTokens(dataDir, (token) => ({ ...token, revokedAt: clock.time }));
    clock.time += 1_001;
    expect(await gate.authenticate(show(tokens[0]!))).toBeUndefined();
    expect(viewer!.isStillGood!()).toBe(false);
  });

  it('lets agents in at their door only', async () => {
    const { gate, tokens } = await gateWith({ tokens: [{ roles: ['agent'] }, { roles: ['reader'] }] });
    expect(await gate.authenticate(show(tokens[0]!))).toBeUndefined();
    expect((await gate.authenticate(show(tokens[0]!), 'agents'))!.allows('websocket', '/agent')).toBe(true);
    expect((await gate.authenticate(show(tokens[1]!), 'agents'))!.allows('websocket', '/agent')).toBe(false);
  });
});

describe('sessions', () => {
  it('are good for their time, of their kind, and after a restart', async () => {
    const { gate, reopen, clock } = await gateWith({ users: { anna: ['operator'] } });
    const identity = await gate.signIn('anna', 'anna-secret', '');
    const session = gate.sessions.issue(identity, 'session', 60_000);
    const refresh = gate.sessions.issue(identity, 'refresh', 600_000);
    expect(await gate.authenticate(show(session))).toMatchObject({ name: 'anna', roles: ['operator'] });
    expect(await gate.authenticate(show(refresh))).toBeUndefined();
    expect(await (await reopen()).authenticate(show(session))).toMatchObject({ name: 'anna' });
    clock.time += 60_000;
    expect(await gate.authenticate(show(session))).toBeUndefined();
    expect(gate.sessions.read(refresh, 'refresh')).toMatchObject({ name: 'anna' });
  });

  it('end for good, and nobody else can make one', async () => {
    const { gate, reopen } = await gateWith({ users: { anna: ['reader'] } });
    const session = gate.sessions.issue(await gate.signIn('anna', 'anna-secret', ''), 'session', 60_000);
    const [said, signature] = session.slice(3).split('.') as [string, string];
    const forged = Buffer.from(said, 'base64url').toString().replace('reader', 'administrator');
    expect(await gate.authenticate(show(`cs_${Buffer.from(forged).toString('base64url')}.${signature}`))).toBeUndefined();
    for (const broken of [`cs_${said}`, `cs_${said}.`, 'cs_', 'cs_.', `cs_${said}.AAAA`])
      expect(await gate.authenticate(show(broken))).toBeUndefined();
    gate.sessions.end(gate.sessions.read(session, 'session')!.visit);
    expect(await gate.authenticate(show(session))).toBeUndefined();
    expect(await (await reopen()).authenticate(show(session))).toBeUndefined();
  });

  it('end with their user and with the password, and have the roles of now', async () => {
    const { gate, clock, dataDir } = await gateWith({ users: { anna: ['reader'] } });
    const path = join(dataDir, 'auth', 'users');
    const session = gate.sessions.issue(await gate.signIn('anna', 'anna-secret', ''), 'session', 60_000);
    writeFileSync(path, readFileSync(path, 'utf8').replace(':reader', ':administrator'));
    clock.time += 1_001;
    expect(await gate.authenticate(show(session))).toMatchObject({ roles: ['administrator'] });
    writeFileSync(path, `anna:${await hashPassword('another', CHEAP)}:reader\n`);
    clock.time += 1_001;
    expect(await gate.authenticate(show(session))).toBeUndefined();
  });
});
