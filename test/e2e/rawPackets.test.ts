import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readPcap } from '../../src/flow/pcap/readPcap.js';
import { askWhenFree, gremlinAt } from '../compat/asking.js';
import { describeWith, program, root } from '../needs.js';
import { PATIENCE } from '../patience.js';
import { Cable, LEFT, RIGHT } from './cable.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PORT = 40_021;
/** Bytes that are looked at of each packet. */
const HEADER_SIZE = 64;
/** Of an echo request with this much behind its header. */
const ECHO_BYTES = 14 + 20 + 8 + 120;

describeWith([root, ...['ip', 'unshare', 'nsenter', 'ping', 'tshark'].map(program)], 'raw packets as a capture file over REST', () => {
  let cable: Cable;
  const folder = mkdtempSync(join(tmpdir(), 'canopy-raw-'));
  beforeAll(async () => void (cable = await Cable.lay()));
  afterAll(async () => {
    await cable?.close();
    rmSync(folder, { recursive: true });
  });

  const ask = (query: string, headers: Record<string, string> = {}): Promise<Response> =>
    askWhenFree(`${cable.rig.url}/api/topology`, {
      method: 'POST',
      headers: { accept: 'application/vnd.tcpdump.pcap', ...headers },
      body: JSON.stringify({ GremlinQuery: query }),
    });
  const fileOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());
  /** What another program reads in it, a line for each packet. */
  const dissected = (file: Buffer): string[] => {
    const path = join(folder, 'answer.pcap');
    writeFileSync(path, file);
    const fields = ['frame.len', 'frame.cap_len', 'ip.src', 'ip.dst', 'icmp.type', 'udp.dstport'].flatMap((field) => ['-e', field]);
    const out = execFileSync('tshark', ['-r', path, '-n', '-T', 'fields', '-E', 'separator=,', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.trimEnd().split('\n');
  };

  it('are those that went over the wire, cut and counted as they were', async () => {
    const posted = await fetch(`${cable.rig.url}/api/capture`, {
      method: 'POST',
      body: JSON.stringify({
        GremlinQuery: cable.right,
        BPFFilter: `icmp[icmptype] = icmp-echo or icmp[icmptype] = icmp-echoreply or udp dst port ${PORT}`,
        RawPacketLimit: 4,
        HeaderSize: HEADER_SIZE,
      }),
    });
    expect(posted.status).toBe(201);
    const { UUID } = (await posted.json()) as { UUID: string };
    await cable.runs(UUID, 1);
    cable.run('left', 'ping', '-c', '3', '-i', '0.05', '-W', '5', '-s', '120', RIGHT);
    cable.datagrams(PORT, 1);
    const flows = `G.Flows().Has('CaptureID', '${UUID}')`;
    const packets = `${flows}.RawPackets()`;
    interface Packet {
      readonly Data: string;
    }
    const listed = async (): Promise<Packet[]> =>
      ((await gremlinAt(cable.rig.url, packets)) as Record<string, Packet[]>[]).flatMap((keyed) => Object.values(keyed)).flat();
    // Of the six echoes the first four are kept, and the datagram.
    await vi.waitFor(async () => expect(await listed()).toHaveLength(5), PATIENCE);

    const answer = await ask(packets);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/vnd.tcpdump.pcap; charset=UTF-8']);
    const file = await fileOf(answer);
    const echo = (from: string, to: string, type: number): string => `${ECHO_BYTES},${HEADER_SIZE},${from},${to},${type},`;
    expect(dissected(file)).toEqual([
      echo(LEFT, RIGHT, 8),
      echo(RIGHT, LEFT, 0),
      echo(LEFT, RIGHT, 8),
      echo(RIGHT, LEFT, 0),
      `${14 + 20 + 8 + 'datagram\n'.length},${14 + 20 + 8 + 'datagram\n'.length},${LEFT},${RIGHT},,${PORT}`,
    ]);

    const read: { readonly data: string; readonly timeMs: number }[] = [];
    const summary = readPcap(file, {
      packet: (bytes, offset, captured, _wireLength, timeMs) =>
        void read.push({ data: Buffer.from(bytes.subarray(offset, offset + captured)).toString('base64'), timeMs }),
    });
    expect(summary).toMatchObject({ packets: 5 });
    expect(read.map(({ data }) => data).sort()).toEqual((await listed()).map(({ Data }) => Data).sort());
    expect(read.map(({ timeMs }) => timeMs)).toEqual(read.map(({ timeMs }) => timeMs).sort((a, b) => a - b));

    // A filter of packets, an answer that is packed, and one without any.
    expect(dissected(await fileOf(await ask(`${packets}.BPF('udp')`)))).toHaveLength(1);
    expect(await fileOf(await ask(packets, { 'accept-encoding': 'gzip' }))).toEqual(file);
    const none = await ask("G.Flows().Has('CaptureID', 'none').RawPackets()");
    expect([none.status, (await fileOf(none)).length]).toEqual([200, 0]);
    expect((await ask(flows)).status).toBe(406);
    expect((await fetch(`${cable.rig.url}/api/capture/${UUID}`, { method: 'DELETE' })).status).toBe(200);
  });
});
