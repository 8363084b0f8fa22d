import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, silentLog } from '../../../src/common/log.js';
import { needsAdministrator } from '../../../src/server/auth/address.js';
import { bearerToken, openTokenDoor } from '../../../src/server/auth/tokens.js';
import { openVisitorDoor } from '../../../src/server/auth/visitors.js';

describe('the token door', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'canopy-doors-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('has none when none is configured', () => {
    const door = openTokenDoor({ agents: [], readers: [], writers: [] });
    expect([door.hasTokens, door.rolesOf('anything')]).toEqual([false, []]);
  });

  it('knows each list, also from files', () => {
    const file = join(folder, 'readers');
    writeFileSync(file, '# screens\nr-1\n\nr-2\n');
    const door = openTokenDoor({ agents: ['a-1'], readers: [`file:${file}`], writers: ['w-1'] });
    expect(door.hasTokens).toBe(true);
    expect(['a-1', 'r-1', 'r-2', 'w-1', 'w-1x', ''].map((token) => door.rolesOf(token))).toEqual([
      ['agent'],
      ['reader'],
      ['reader'],
      ['reader', 'writer'],
      [],
      [],
    ]);
  });

  it('gives a token that stands in several lists all that they give', () => {
    expect(openTokenDoor({ agents: ['x'], readers: ['x'], writers: ['x'] }).rolesOf('x')).toEqual(['agent', 'reader', 'writer']);
  });

  it('knows the agent of its own process, who locks no door', () => {
    const door = openTokenDoor({ agents: [], readers: [], writers: [] }, 'own');
    expect([door.hasTokens, door.rolesOf('own')]).toEqual([false, ['agent']]);
  });

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc', 'abc'],
    ['Basic abc', 'abc'],
    ['Digest abc', undefined],
    ['abc', undefined],
    ['Bearer a b', undefined],
    [undefined, undefined],
    [7, undefined],
  ])('reads %s as %s', (header, token) => expect(bearerToken(header)).toBe(token));
});

describe('the visitor door', () => {
  const refused = (listen: string, headers: Record<string, string>, origins: string[] = []) =>
    openVisitorDoor(listen, origins).refusal({ headers })?.code;

  it.each([
    ['127.0.0.1:8082', undefined],
    ['localhost:8082', undefined],
    ['LOCALHOST', undefined],
    ['[::1]:8082', undefined],
    ['127.9.9.9:1', undefined],
    ['evil.example:8082', 'FORBIDDEN'],
    ['127.0.0.1.evil.example', 'FORBIDDEN'],
    ['dash.example', undefined],
  ])('on loopback answers to Host %s: %s', (host, code) => {
    expect(refused('127.0.0.1', { host }, ['https://dash.example'])).toBe(code);
  });

  it('elsewhere answers to every name, since it cannot know its own', () => {
    expect(refused('0.0.0.0', { host: 'canopy.example:8082' })).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:8082', undefined],
    ['http://127.0.0.1:9999', 'FORBIDDEN'],
    ['http://localhost:8082', 'FORBIDDEN'],
    ['https://evil.example', 'FORBIDDEN'],
    ['null', 'FORBIDDEN'],
    ['https://dash.example', undefined],
    ['https://dash.example:444', 'FORBIDDEN'],
  ])('lets pages of %s in: %s', (origin, code) => {
    expect(refused('127.0.0.1', { host: '127.0.0.1:8082', origin }, ['https://dash.example'])).toBe(code);
  });
});

describe('the address', () => {
  it.each([
    ['127.0.0.1', true, false, false],
    ['::1', true, false, false],
    ['0.0.0.0', true, false, true],
    ['10.0.0.1', true, false, true],
    ['0.0.0.0', false, false, false],
    ['0.0.0.0', true, true, false],
  ])('%s where nobody is asked (%s), insecure %s: needs an administrator: %s', (host, isOpen, isInsecure, needed) => {
    expect(needsAdministrator({ host, isOpen, isInsecure, log: silentLog })).toBe(needed);
  });

  it('warns when it is served without asking anybody', () => {
    const warnings: string[] = [];
    const log: Log = { ...silentLog, warn: (_facts, message) => void warnings.push(message) };
    needsAdministrator({ host: '0.0.0.0', isOpen: true, isInsecure: true, log });
    expect(warnings).toHaveLength(1);
  });
});
