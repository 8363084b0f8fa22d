import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toPcapng } from '../../web/flows/pcapng.js';
import { describeWith, program } from '../needs.js';

/** A broadcast ARP request for 10.0.0.1 from 10.0.0.2. */
const ARP = 'ffffffffffff0242ac11000208060001080006040001' + '0242ac1100020a000002' + '0000000000000a000001';

describeWith([program('tcpdump')], 'a file of packets', () => {
  it('is read by tcpdump, with its time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'canopy-pcapng-'));
    const file = join(folder, 'flow.pcapng');
    const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const bytes = Uint8Array.from(Buffer.from(ARP, 'hex'));
    writeFileSync(file, Buffer.from(await toPcapng([{ time, linkType: 1, bytes }]).arrayBuffer()));
    const read = execFileSync('tcpdump', ['-n', '-tttt', '-r', file], {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    rmSync(folder, { recursive: true, force: true });
    expect(read).toContain('2026-01-02 03:04:05.678000');
    expect(read).toContain('Request who-has 10.0.0.1 tell 10.0.0.2');
  });
});
