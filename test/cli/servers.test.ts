import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeWith, root } from '../needs.js';

// Processes from the sources take seconds to start on a busy machine; nothing here is about time.
vi.setConfig({ testTimeout: 120_000 });

const MAIN = new URL('../../src/cli/main.ts', import.meta.url).pathname;

/** A command in a process of its own, from the sources. */
interface Started {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  /** Resolves with its exit code. */
  readonly ended: Promise<number | null>;
}

let folder: string;
let started: Started[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopy-servers-'));
  started = [];
});
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const one: Started = { child, out: () => out, err: () => err, ended: once(child, 'close').then(([code]) => code as number | null) };
  started.push(one);
  return one;
}

/** The line on standard output that says it is up. */
async function ready(one: Started): Promise<string> {
  const failed = one.ended.then((code) => expect.fail(`ended with ${code}\n${one.err()}`));
  while (!one.out().includes('\n')) await Promise.race([once(one.child.stdout!, 'data'), failed]);
  return one.out();
}

/** Runs to its end. */
async function finish(...args: string[]) {
  const one = start(...args);
  return { code: await one.ended, answers: one.out(), messages: one.err() };
}

const urlIn = (line: string): string => /^canopy ready (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line)?.[1] ?? expect.fail(line);
const analyzer = (...args: string[]) => start('analyzer', '--listen', '127.0.0.1:0', '--data-dir', join(folder, 'data'), ...args);

describe('an analyzer', () => {
  it('says in one line that it is ready, and ends cleanly when it is asked to', async () => {
    const one = analyzer();
    urlIn(await ready(one));
    one.child.kill('SIGTERM');
    expect(await one.ended).toBe(0);
    expect(one.out().split('\n')).toHaveLength(2);
    for (const line of one.err().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
  });

  it('keeps its data folder from a second one, and its address too', async () => {
    const url = urlIn(await ready(analyzer()));
    const sameFolder = await finish('analyzer', '--listen', '127.0.0.1:0', '--data-dir', join(folder, 'data'));
    expect(sameFolder).toMatchObject({
      code: 8,
      answers: '',
      messages: expect.stringContaining(`process ${started[0]!.child.pid}`) as string,
    });
    const sameAddress = await finish('analyzer', '--listen', new URL(url).host, '--data-dir', join(folder, 'other'));
    expect(sameAddress).toMatchObject({ code: 2, answers: '' });
    expect(sameAddress.messages).toContain(`node (process ${started[0]!.child.pid}) listens there`);
    expect(sameAddress.messages).toContain('--listen HOST:PORT');
  });

  it('does not open itself to others: makes an administrator and says the password once', async () => {
    const open = () => start('analyzer', '--listen', '0.0.0.0:0', '--data-dir', join(folder, 'data'), '--log-level', 'silent');
    const one = open();
    const port = new URL((await ready(one)).split(' ')[2]!).port;
    const password = /password {2}(\S+)\n/.exec(one.err())?.[1];
    const ask = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${port}/api/status`, { headers });
    expect((await ask({})).status).toBe(401);
    expect((await ask({ authorization: `Basic ${btoa(`admin:${password}`)}` })).status).toBe(200);
    one.child.kill('SIGTERM');
    await one.ended;
    const again = open();
    await ready(again);
    expect(again.err()).toBe('');
  });

  it('does not start with a wrong configuration', async () => {
    writeFileSync(join(folder, 'canopy.yaml'), 'dataDir: x\nlistn: y\n');
    const { code, messages } = await finish('analyzer', '--config', join(folder, 'canopy.yaml'));
    expect(code).toBe(2);
    expect(messages).toContain(`canopy.yaml:2:1: unknown key 'listn'`);
  });
});

describeWith([root], 'allinone', () => {
  it('lets its own agent in where tokens are wanted', async () => {
    writeFileSync(join(folder, 'readers'), 'reader\n');
    const one = start(
      'allinone',
      '--listen',
      '127.0.0.1:0',
      '--data-dir',
      join(folder, 'data'),
      '--set',
      `tokens.readers=file:${folder}/readers`,
      '--set',
      `agent.hostId=cli-${process.pid}`,
    );
    const url = urlIn(await ready(one));
    const status = async () => finish('agents', '--analyzer', url, '--token-file', join(folder, 'readers'), '-o', 'json');
    let answer = await status();
    while (!answer.answers.includes('"CONNECTED"')) answer = await status();
    const file = join(folder, 'data', 'agent', 'token');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(one.err()).not.toContain(readFileSync(file, 'utf8').trim());
    one.child.kill('SIGINT');
    expect(await one.ended).toBe(0);
  });

  it('goes on when its agent cannot run', async () => {
    const one = start('allinone', '--listen', '127.0.0.1:0', '--data-dir', join(folder, 'data'), '--set', 'agent.probes=nosuch');
    const url = urlIn(await ready(one));
    while (!one.err().includes('the analyzer goes on without it')) await once(one.child.stderr!, 'data');
    expect((await finish('nodes', '--analyzer', url)).code).toBe(0);
  });
});

describeWith([root], 'an agent', () => {
  it('is ready without an analyzer, and ends cleanly', async () => {
    const one = start('agent', '--analyzer', 'http://127.0.0.1:1', '--set', `agent.hostId=cli-${process.pid}`, '--data-dir', folder);
    expect(await ready(one)).toBe('canopy agent ready\n');
    one.child.kill('SIGTERM');
    expect(await one.ended).toBe(0);
  });
});

describe('doctor', () => {
  const doctor = async (...args: string[]) => {
    const { code, answers } = await finish('doctor', '-o', 'json', '--data-dir', join(folder, 'data'), ...args);
    return { code, findings: JSON.parse(answers) as { name: string; health: string; says: string; advice?: string }[] };
  };

  it('finds nothing that must be done on this machine, and makes nothing', async () => {
    const { code, findings } = await doctor('--listen', '127.0.0.1:0');
    expect(findings.filter(({ health }) => health === 'fail')).toEqual([]);
    expect(code).toBe(0);
    expect(() => statSync(join(folder, 'data'))).toThrow();
    for (const finding of findings) expect(finding.health === 'ok' || finding.advice !== undefined).toBe(true);
  });

  it('says who has the address, and what is wrong with tokens and folder', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const address = (await doctor('--listen', `127.0.0.1:${port}`)).findings.find(({ name }) => name === 'address');
    server.close();
    expect(address).toMatchObject({ health: 'warn', says: expect.stringContaining(`(process ${process.pid})`) as string });

    writeFileSync(join(folder, 'token'), 'secret\n', { mode: 0o644 });
    const open = await doctor('--listen', '0.0.0.0:0', '--token-file', join(folder, 'token'));
    expect(open.findings.find(({ name }) => name === 'doors')).toMatchObject({
      health: 'warn',
      says: expect.stringContaining('makes an administrator') as string,
    });
    const tokens = open.findings.filter(({ name }) => name === 'tokens').map(({ health, advice }) => `${health} ${advice}`);
    expect(tokens).toEqual([`warn chmod 640 ${join(folder, 'token')}`]);
  });

  it('mends and compacts a data folder that nobody uses', async () => {
    const one = analyzer();
    await ready(one);
    const busy = await finish('doctor', '--compact', '--data-dir', join(folder, 'data'));
    expect(busy.code).toBe(8);
    one.child.kill('SIGTERM');
    await one.ended;
    expect(await finish('doctor', '--compact', '--data-dir', join(folder, 'data'))).toMatchObject({
      code: 0,
      answers: expect.stringContaining('MiB after') as string,
    });
    rmSync(join(folder, 'data', 'format.json'));
    writeFileSync(join(folder, 'data', 'format.json'), '{');
    const damaged = await doctor('--listen', '127.0.0.1:0');
    expect(damaged.code).toBe(5);
    expect(damaged.findings.find(({ name }) => name === 'data folder')).toMatchObject({
      health: 'fail',
      advice: expect.stringContaining('--repair') as string,
    });
    const repaired = await finish('doctor', '--repair', '--data-dir', join(folder, 'data'));
    expect(repaired).toMatchObject({ code: 0, answers: expect.stringMatching(/^\d+ changes kept, 0 lost/) as string });
    expect((await doctor('--listen', '127.0.0.1:0')).code).toBe(0);
  });
});
