import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { dns, ethernet, ipv4, pcapOf, udp } from '../flow/frames.js';
import { describeWith, program } from '../needs.js';
import { openRig, publish, type Rig } from '../server/rig.js';
import { PATIENCE } from '../patience.js';

// Programs of their own, which compile first: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 90_000 });
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const tsx = (...args: string[]) => run(process.execPath, ['--import', 'tsx', ...args], { cwd: ROOT });

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
  await publish(rig.url, { nodes: [{ id: 'eth9', name: 'eth9', type: 'device', host: 'web-1', metadata: { State: 'DOWN' } }] });
});
afterAll(() => rig.close());

describe('an example', () => {
  it('follows the topology', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'examples/subscribe.ts', rig.url, 'cable'], { cwd: ROOT });
    try {
      let said = '';
      child.stdout.on('data', (part: Buffer) => (said += part.toString()));
      child.stderr.on('data', (part: Buffer) => (said += part.toString()));
      await publish(rig.url, { nodes: [{ id: 'first', name: 'first', type: 'cable' }] });
      await vi.waitFor(() => expect(said).toContain('cable first'), PATIENCE);
      await publish(rig.url, { nodes: [{ id: 'second', name: 'second', type: 'cable' }] });
      await vi.waitFor(() => expect(said).toMatch(/^\S+Z ADDED cable second$/m), PATIENCE);
      expect(said).not.toContain('eth9');
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('shows who talked most', async () => {
    const frame = ethernet(0x0800, ipv4(17, udp(1234, 53, dns(7, 'example.org'))));
    const trace = pcapOf([[Date.now() - 60_000, frame]]);
    const accepted = await fetch(`${rig.url}/api/pcap`, { method: 'POST', body: Buffer.from(trace) });
    expect(accepted.status).toBe(202);
    const line = `${String(frame.length).padStart(12)}  10.0.0.1 ⇄ 10.0.0.2\n`;
    await vi.waitFor(async () => expect((await tsx('examples/talkers.ts', rig.url, '-1h')).stdout).toBe(line), PATIENCE);
  });
});

describeWith([program('python3'), program('curl')], 'an example without packages', () => {
  it('asks from Python', async () => {
    expect((await run('python3', [join(ROOT, 'examples/query.py'), rig.url])).stdout).toBe(
      '1 down\n  device eth9 on web-1  (not an hour ago)\n',
    );
  });

  it('publishes with curl, and nothing the second time', async () => {
    const published = async () => JSON.parse((await run('sh', [join(ROOT, 'examples/publish.sh'), rig.url])).stdout) as unknown;
    expect(await published()).toMatchObject({ data: { publishTopology: { created: 3, unchanged: 0 } } });
    expect(await published()).toMatchObject({ data: { publishTopology: { created: 0, unchanged: 3 } } });
  });
});

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'canopy-client-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('gives the client with its types, and the schema', async () => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(ROOT, join(folder, 'node_modules/canopy'), 'dir');
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const options = { module: 'nodenext', target: 'es2023', strict: true, noEmit: false, types: [], skipLibCheck: true };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['ask.ts'] }));
    writeFileSync(
      join(folder, 'ask.ts'),
      `import { connect, type Client } from 'canopy/client';
       const client: Client = connect({ url: '${rig.url}' });
       const { nodes } = await client.ask<{ nodes: { totalCount: number } }, object>('{ nodes(filter: { type: { eq: "device" } }) { totalCount } }');
       const count: number = nodes.totalCount;
       console.log(count, import.meta.resolve('canopy/schema.graphql').endsWith('schema/schema.graphql'));`,
    );
    await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
    expect((await run(process.execPath, [join(folder, 'ask.js')])).stdout).toBe('1 true\n');
  });
});
