import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.js';
import type { Flow } from '../../src/flow/flow.js';
import { dns, ethernet, ipv4, pcapOf, SYN, tcp, udp } from '../flow/frames.js';
import { openRig, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';
import { words } from './words.js';

const folder = mkdtempSync(join(tmpdir(), 'canopy-cli-pcap-'));
afterAll(() => rmSync(folder, { recursive: true }));

const trace = join(folder, 'trace.pcap');
const whole = pcapOf([
  [1_700_000_000_000, ethernet(0x0800, ipv4(6, tcp(1234, 80, SYN)))],
  [1_700_000_000_002, ethernet(0x0800, ipv4(17, udp(1234, 53, dns(7, 'example.org'))))],
]);
writeFileSync(trace, whole);

async function canopy(line: string): Promise<{ code: number; answers: string; messages: string }> {
  const terminal = recordTerminal();
  const code = await run(words(line), terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}
const flows = (answers: string): Flow[] =>
  answers
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Flow);

describe('canopy pcap --local', () => {
  it('prints a table for people', async () => {
    const { code, answers, messages } = await canopy(`pcap ${trace} --local`);
    expect([code, messages]).toEqual([0, '2 flows of 2 packets\n']);
    expect(answers).toMatch(/^START +SECONDS +APPLICATION/);
    expect(answers).toContain('10.0.0.1:1234');
  });

  it('prints one record a line for programs, with what is asked for', async () => {
    const { answers } = await canopy(`pcap ${trace} --local -o jsonl --extra-layers DNS --extra-tcp-metric --layer-key-mode L3`);
    const [first, second] = flows(answers);
    expect(first).toMatchObject({ LayersPath: 'Ethernet/IPv4/TCP', TCPMetric: { ABSynStart: 1_700_000_000_000 } });
    expect(first!.TrackingID).toBe(first!.L3TrackingID);
    expect(second).toMatchObject({ DNS: { ID: 7, questions: [{ name: 'example.org', type: 'A', class: 'IN' }] } });
  });

  it('keeps what a filter lets through, and says what is wrong with one', async () => {
    const { answers, messages } = await canopy(`pcap ${trace} --local -o jsonl --bpf 'udp port 53'`);
    expect(flows(answers).map(({ Application }) => Application)).toEqual(['DNS']);
    expect(messages).toBe('1 flows of 1 packets; 1 more packets do not match\n');
    const wrong = await canopy(`pcap ${trace} --local --bpf 'udp porf 53'`);
    expect(wrong.code).toBe(2);
    expect(wrong.messages).toMatch(/the filter "udp porf 53" is not good: .+/);
    const senseless = await canopy(`pcap ${trace} --local --bpf inbound`);
    expect(senseless.code).toBe(2);
    expect(senseless.messages).toMatch(
      /the filter "inbound" is not good: inbound\/outbound not supported on Ethernet when reading savefiles/,
    );
  });

  it('says how far a file was read that ends too early', async () => {
    const cut = join(folder, 'cut.pcap');
    writeFileSync(cut, whole.subarray(0, whole.length - 3));
    const { code, messages } = await canopy(`pcap ${cut} --local`);
    expect([code, messages.split('\n')[1]]).toEqual([
      5,
      `read 1 packets, 94 bytes: the file ends within a record, ${whole.length - 94 - 3} bytes behind the last whole one`,
    ]);
  });

  it.each([
    [`pcap ${trace} --bpf tcp`, /--bpf means something with --local only/],
    ['pcap /nowhere.pcap --local', /\/nowhere\.pcap cannot be read: ENOENT/],
    [`pcap ${import.meta.filename} --local`, /neither pcap nor pcapng/],
    [`pcap ${trace} --local --extra-layers TLS`, /knows VRRP, DNS, DHCPv4, not "TLS"/],
    [`pcap ${trace} --local --raw-packets many`, /needs a number of packets/],
  ])('refuses %s', async (line, message) => {
    const { code, messages } = await canopy(line);
    expect(code).toBe(2);
    expect(messages).toMatch(message);
  });
});

describe('canopy pcap', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await openRig()));
  afterAll(() => rig.close());

  it('puts the flows of a file into the store of the analyzer', async () => {
    const { code, messages } = await canopy(`pcap ${trace} --analyzer ${rig.url}`);
    expect([code, messages]).toEqual([0, '2 flows of 2 packets are in the store\n']);
  });

  it('says how much of a file that was cut off is in the store', async () => {
    const cut = join(folder, 'imported-cut.pcap');
    writeFileSync(cut, whole.subarray(0, -10));
    const { code, messages } = await canopy(`pcap ${cut} --analyzer ${rig.url}`);
    expect(code).toBe(5);
    expect(messages).toMatch(/^1 flows of 1 packets are in the store\nread 1 packets of \d+ bytes: the file ends within a record/);
  });

  it('says why a file is refused', async () => {
    const { code, messages } = await canopy(`pcap ${import.meta.filename} --analyzer ${rig.url}`);
    expect(code).toBe(2);
    expect(messages).toMatch(/neither pcap nor pcapng/);
  });

  it('says that nobody answers', async () => {
    const { code, messages } = await canopy(`pcap ${trace} --analyzer http://127.0.0.1:1`);
    expect(code).toBe(3);
    expect(messages).toMatch(/no answer from http:\/\/127\.0\.0\.1:1/);
  });
});
