import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/common/log.js';
import { checkAddress } from '../../src/server/doors/address.js';
import { bearerToken, openTokenDoor } from '../../src/server/doors/tokens.js';
import { openVisitorDoor } from '../../src/server/doors/visitors.js';

describe('the token door', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'canopy-doors-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('asks nobody when no token is configured', () => {
    const door = openTokenDoor({ agents: [], readers: [], writers: [] });
    expect([door.isOpen, door.roleOf(undefined), door.roleOf('anything'), door.isAgent(undefined)]).toEqual([
      true,
      'writer',
      'writer',
      true,
    ]);
  });

  it('knows each list, also from files, and locks every door as soon as one has a token', () => {
    const file = join(folder, 'readers');
    writeFileSync(file, '# screens\nr-1\n\nr-2\n');
    const door = openTokenDoor({ agents: ['a-1'], readers: [`file:${file}`], writers: ['w-1'] });
    expect(['a-1', 'r-1', 'r-2', 'w-1', 'w-1x', '', undefined].map((token) => door.roleOf(token))).toEqual([
      undefined,
      'reader',
      'reader',
      'writer',
      undefined,
      undefined,
      undefined,
    ]);
    expect(['a-1', 'r-1', 'w-1', undefined].map((token) => door.isAgent(token))).toEqual([true, false, false, false]);
    expect(openTokenDoor({ agents: ['a-1'], readers: [], writers: [] }).roleOf(undefined)).toBeUndefined();
  });

  it('gives a token that stands in several lists all that they give', () => {
    const door = openTokenDoor({ agents: ['x'], readers: ['x'], writers: ['x'] });
    expect([door.roleOf('x'), door.isAgent('x')]).toEqual(['writer', true]);
  });

  it.each([
    ['Bearer abc', 'abc'],
    ['bearer   abc', 'abc'],
    ['Basic abc', undefined],
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
    ['127.0.0.1', true, false, true],
    ['::1', true, false, true],
    ['0.0.0.0', true, false, false],
    ['10.0.0.1', true, false, false],
    ['0.0.0.0', false, false, true],
    ['0.0.0.0', true, true, true],
  ])('%s with no tokens %s, insecure %s: served %s', (host, isOpen, insecure, served) => {
    const check = () => checkAddress(host, isOpen, insecure, silentLog);
    if (served) expect(check).not.toThrow();
    else expect(check).toThrow(/no tokens are configured/);
  });

  it('warns when it is served without tokens', () => {
    const warnings: string[] = [];
    checkAddress('0.0.0.0', true, true, { ...silentLog, warn: (_facts, message) => void warnings.push(message) });
    expect(warnings).toHaveLength(1);
  });
});
