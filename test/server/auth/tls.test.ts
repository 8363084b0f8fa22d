import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { openCertificates } from '../../../agent/link/certificates.js';
import { webSocketDial } from '../../../agent/link/webSocketDial.js';
import { configWith } from '../../../src/common/config/load.js';
import { readCertificates } from '../../../src/server/auth/certificates.js';
import { eventually } from '../../compat/asking.js';
import { describeWith, program } from '../../needs.js';
import { openRig, type Rig } from '../rig.js';
import { makeAuthority, type Authority } from './certificates.js';
import { folderWith } from './people.js';

let folder: string;
let ours: Authority;
let agents: Authority;
let others: Authority;
let server: { certificate: string; key: string };
const rigs: Rig[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopy-tls-'));
  ours = makeAuthority(folder, 'ours');
  agents = makeAuthority(folder, 'agents');
  others = makeAuthority(folder, 'others');
  server = ours.issue('analyzer');
});
afterEach(async () => void (await Promise.all(rigs.splice(0).map((rig) => rig.close()))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function openTls(config: Record<string, unknown> = {}, dataDir?: string): Promise<Rig> {
  const rig = await openRig({ dataDir, config: { 'tls.certificate': server.certificate, 'tls.key': server.key, ...config } });
  rigs.push(rig);
  return rig;
}

const fetched = (url: string): Promise<{ status: number; headers: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const request = get(url, { ca: readFileSync(ours.file), agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers }));
    });
    request.on('error', reject);
  });

/** The cookies that an answer sets; at least one. */
const posted = (url: string, body: string): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded' };
    const asked = request(url, { method: 'POST', headers, ca: readFileSync(ours.file), agent: false }, (response) => {
      response.resume();
      const cookies = response.headers['set-cookie'];
      if (cookies === undefined) reject(new Error(`no cookies, status ${response.statusCode}`));
      else resolve(cookies);
    });
    asked.on('error', reject).end(body);
  });

/** Serial number of the certificate that the analyzer shows. */
const serialOf = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const socket = connect({ host, port: Number(port), ca: readFileSync(ours.file) }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });

/** How an agent's connection goes: `opened`, or why not. */
const dialled = (rig: Rig, tls: Record<string, unknown>, token?: string): Promise<string> =>
  new Promise((resolve) => {
    const dial = webSocketDial(rig.url, token, openCertificates(configWith({ 'tls.authorities': ours.file, ...tls }).tls));
    const socket = dial({
      opened: () => (resolve('opened'), socket.terminate()),
      received: () => undefined,
      closed: (_code, _reason, failure) => resolve(failure?.message ?? 'closed'),
    });
  });
const showing = ({ certificate, key }: { certificate: string; key: string }) => ({
  'tls.clientCertificate': certificate,
  'tls.clientKey': key,
});

describeWith([program('openssl')], 'an analyzer with a certificate', () => {
  it('serves everything over TLS, says so to browsers, and gives cookies that go over TLS only', async () => {
    const { dataDir } = await folderWith({ users: { anna: ['reader'] } });
    const rig = await openTls({}, dataDir);
    expect(rig.url).toMatch(/^https:/);
    const { status, headers } = await fetched(`${rig.url}/readyz`);
    expect([status, headers['strict-transport-security']]).toEqual([200, 'max-age=63072000; includeSubDomains']);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(
      (await posted(`${rig.url}/auth/login`, '{"name":"anna","password":"anna-secret"}')).every((line) => line.includes('; Secure')),
    ).toBe(true);
    expect((await posted(`${rig.url}/login`, 'username=anna&password=anna-secret')).every((line) => line.includes('; Secure'))).toBe(true);
    const socket = new WebSocket(`${rig.url.replace('https', 'wss')}/graphql`, 'graphql-transport-ws', { ca: readFileSync(ours.file) });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    socket.terminate();
    await expect(fetch(rig.url.replace('https', 'http'))).rejects.toThrow();
  });

  it('takes a new certificate without a restart, and never one that does not fit its key', async () => {
    const [certificate, key] = [join(folder, 'live.pem'), join(folder, 'live.key')];
    copyFileSync(server.certificate, certificate);
    copyFileSync(server.key, key);
    const rig = await openTls({ 'tls.certificate': certificate, 'tls.key': key });
    const before = await serialOf(rig.url);
    const next = ours.issue('analyzer');
    copyFileSync(next.certificate, certificate);
    expect(await serialOf(rig.url)).toBe(before);
    copyFileSync(next.key, key);
    await eventually(async () => (await serialOf(rig.url)) !== before);
    writeFileSync(certificate, 'spoilt');
    expect((await fetched(`${rig.url}/readyz`)).status).toBe(200);
  });

  it('lets agents in who show a certificate of the right authority, or a token', async () => {
    const rig = await openTls({ 'tls.clientAuthorities': agents.file, 'tokens.agents': ['secret'] });
    expect(await dialled(rig, showing(agents.issue('rack-7', 'client')))).toBe('opened');
    expect(await dialled(rig, showing(others.issue('rack-8', 'client')))).toMatch(/asks for a token/);
    expect(await dialled(rig, {}, 'secret')).toBe('opened');
    expect(await dialled(rig, {})).toMatch(/asks for a token/);
  });

  it('lets no others in where a certificate is required', async () => {
    const rig = await openTls({ 'tls.clientAuthorities': agents.file, 'tls.requireClientCertificate': true, 'tokens.agents': ['secret'] });
    expect(await dialled(rig, showing(agents.issue('rack-9', 'client')))).toBe('opened');
    expect(await dialled(rig, {}, 'secret')).toMatch(/refused the token/);
    expect((await fetched(`${rig.url}/readyz`)).status).toBe(200);
  });

  it('is not trusted by an agent that knows another authority', async () => {
    expect(await dialled(await openTls(), { 'tls.authorities': others.file })).toMatch(/certificate/);
  });
});

describeWith([program('openssl')], 'a configuration of TLS', () => {
  const refusal = (values: Record<string, unknown>): string => {
    try {
      readCertificates(configWith(values).tls);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  it('is refused where it is not whole', () => {
    const { certificate, key } = server;
    expect(refusal({ 'tls.certificate': certificate })).toMatch(/go together/);
    expect(refusal({ 'tls.certificate': certificate, 'tls.key': others.issue('x').key })).toMatch(/cannot be used together/);
    expect(refusal({ 'tls.certificate': join(folder, 'none'), 'tls.key': key })).toMatch(/cannot read/);
    expect(refusal({ 'tls.clientAuthorities': agents.file })).toMatch(/needs tls.certificate/);
    expect(refusal({ 'tls.certificate': certificate, 'tls.key': key, 'tls.requireClientCertificate': true })).toMatch(/whose certificates/);
    expect(() => openCertificates(configWith({ 'tls.clientKey': key }).tls)).toThrow(/go together/);
    expect(() => openCertificates(configWith({ 'tls.authorities': join(folder, 'none') }).tls)).toThrow(/none/);
  });
});
