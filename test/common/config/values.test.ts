import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatListen, isLoopback, parseListen } from '../../../src/common/config/listen.js';
import { readTokenFile, readTokens } from '../../../src/common/config/tokens.js';
import { formatDuration, parseDuration } from '../../../src/common/duration.js';

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['7d', 604_800_000],
    ['0', 0],
  ])('%s is %d ms', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

  it.each(['', '5', 's', '-5s', '5 s', '5S', '5sec', '1h 30m', '1e3s', `${'9'.repeat(30)}d`])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it('are written so that they read the same', () =>
    fc.assert(fc.property(fc.nat(2 ** 41), (value) => parseDuration(formatDuration(value)) === value)));
});

describe('addresses to listen on', () => {
  it.each([
    ['127.0.0.1:8082', '127.0.0.1', 8082],
    ['[::1]:0', '::1', 0],
    [':8082', '127.0.0.1', 8082],
    ['host.example.org:65535', 'host.example.org', 65_535],
  ])('%s', (text, host, port) => {
    expect(parseListen(text)).toEqual({ host, port });
    expect(parseListen(formatListen({ host, port }))).toEqual({ host, port });
  });

  it.each(['8082', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '::1:8082', '[127.0.0.1]:80', 'http://x:1', ''])('%j is refused', (text) =>
    expect(() => parseListen(text)).toThrow(/write HOST:PORT/),
  );

  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.example.org', false],
  ])('%s is loopback: %s', (host, expected) => expect(isLoopback(host)).toBe(expected));
});

describe('tokens', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'canopy-tokens-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('stand in the configuration or in files, one a line', () => {
    const file = join(folder, 'tokens');
    writeFileSync(file, '# of team a\nfirst\n\n  second  \n');
    expect(readTokens(['literal', `file:${file}`])).toEqual(['literal', 'first', 'second']);
    expect(readTokenFile(file)).toBe('first');
    expect(readTokenFile(undefined)).toBeUndefined();
  });

  it('that are missing are said, with the file', () => {
    writeFileSync(join(folder, 'empty'), '# nothing\n');
    expect(() => readTokens([`file:${join(folder, 'empty')}`])).toThrow(/holds no token/);
    expect(() => readTokens([`file:${join(folder, 'none')}`])).toThrow(/cannot read the token file .*none/);
  });
});
