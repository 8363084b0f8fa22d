import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { run } from '../../src/cli/run.js';
import { recordTerminal, type RecordedTerminal } from '../cli/terminal.js';
import { words } from '../cli/words.js';
import { ethernet, ipv4, pcapOf, udp } from '../flow/frames.js';
import { describeWith, program, root } from '../needs.js';
import { Cable, LEFT, RIGHT } from './cable.js';
import { PATIENCE } from '../patience.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const PORT = 40_001;

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'from the command line', () => {
  let cable: Cable;
  const folder = mkdtempSync(join(tmpdir(), 'canopy-ondemand-'));
  beforeAll(async () => void (cable = await Cable.lay()));
  afterAll(async () => {
    await cable?.close();
    rmSync(folder, { recursive: true });
  });

  /** A command to its end. */
  async function canopy(line: string): Promise<{ code: number; answers: string; messages: string }> {
    const terminal = recordTerminal();
    const code = await run([...words(line), '--analyzer', cable.rig.url], terminal);
    return { code, answers: terminal.answers, messages: terminal.messages };
  }
  /** A command that goes on until it is interrupted. */
  function watching(line: string): RecordedTerminal & { stop(): Promise<number> } {
    const terminal = recordTerminal();
    const ended = run([...words(line), '--analyzer', cable.rig.url], terminal);
    return Object.assign(terminal, {
      stop: () => {
        terminal.interrupt();
        return ended;
      },
    });
  }
  const linesOf = <T>(text: string): T[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);

  it('a capture is made, listed, shown, watched and deleted', async () => {
    expect(await canopy('capture list')).toEqual({ code: 0, answers: '', messages: 'no captures\n' });
    const create = `capture create --gremlin "${cable.both}" --bpf 'udp port ${PORT}'`;
    const before = await canopy(`${create} --dry-run`);
    expect(before.code).toBe(0);
    expect(before.answers.trim().split('\n').slice(1)).toEqual(
      Array.from(
        { length: 2 },
        () => expect.stringMatching(new RegExp(`^${cable.name} +${cable.lab.hostId} +AFPACKET +yes +.*\\bafpacket\\b`)) as string,
      ),
    );
    const nowhere = await canopy('capture create --gremlin \'G.V().Has("Type", "netns")\' --dry-run');
    expect([nowhere.code, nowhere.answers]).toEqual([1, expect.stringContaining('nothing can be captured on a netns') as string]);
    const people = watching('capture watch');
    const programs = watching('capture watch -o json');
    const made = await canopy(`${create} --name probe --raw-packets 3 -o json`);
    expect(made.code).toBe(0);
    const [{ id }] = JSON.parse(made.answers) as [{ id: string }];
    await cable.runs(id, 2);
    const listed = await canopy('capture list');
    expect(listed.answers).toMatch(new RegExp(`${id} +probe +G\\.V.* +udp port ${PORT} .* 2/2 `));
    const shown = await canopy(`capture get ${id}`);
    expect(JSON.parse(shown.answers)).toMatchObject({
      id,
      name: 'probe',
      bpf: `udp port ${PORT}`,
      rawPacketLimit: 3,
      activities: [{ state: 'ACTIVE', node: { name: cable.name } }, { state: 'ACTIVE' }],
    });
    // Both listen: who comes late hears of it all the same.
    await vi.waitFor(
      () => expect([people.answers, programs.answers]).toEqual([expect.stringContaining(id), expect.stringContaining(id)]),
      PATIENCE,
    );
    cable.datagrams(PORT, 3);
    const counted = new RegExp(`active probe \\(${id}\\) on ${cable.name} of ${cable.lab.hostId}: 3 packets, 3 flows, 0 dropped`);
    await vi.waitFor(() => expect(people.answers).toMatch(counted), PATIENCE);

    const again = await canopy(create);
    expect(again.code).not.toBe(0);
    expect(again.messages).toContain(id);
    expect(await canopy(`${create} --dry-run`)).toMatchObject({ code: 1, messages: `capture ${id} leaves no place for it\n` });
    const filtered = `capture create --filter '{"name":{"eq":"${cable.name}"}}' --dry-run -o json`;
    expect(JSON.parse((await canopy(filtered)).answers)).toMatchObject({ nodes: [{ node: { name: cable.name } }, {}] });
    expect((await canopy(`capture create --filter '{name}'`)).messages).toContain('--filter');
    expect((await canopy('capture get none')).messages).toContain('there is no capture none');
    expect((await canopy('capture delete')).messages).toContain('capture delete needs the id of a capture');
    expect((await canopy('capture delete none')).messages).toContain('there is no capture none');
    expect((await canopy(`capture create --gremlin 'G.V().Has(\\'Name\\', \\'lo\\')' --type nothing`)).code).not.toBe(0);

    expect((await canopy(`capture delete ${id}`)).code).toBe(0);
    await vi.waitFor(() => expect(people.answers).toContain(`deleted probe (${id})`), PATIENCE);
    await vi.waitFor(() => expect(programs.answers).toContain('"DELETED"'), PATIENCE);
    const events = linesOf<{ op: string; capture: { id: string } }>(programs.answers).filter(({ capture }) => capture.id === id);
    expect(events[0]).toMatchObject({ op: 'CREATED' });
    expect(events.at(-1)).toMatchObject({ op: 'DELETED' });
    expect([await people.stop(), await programs.stop()]).toEqual([0, 0]);
  });

  it('flows are listed, watched, ranked, and found in the past', async () => {
    const node = (await cable.gremlin(`${cable.left}.Values('TID')`)) as [string];
    const made = await canopy(`capture create --node ${node[0]} --bpf 'udp port ${PORT + 1}' -o json`);
    const [{ id }] = JSON.parse(made.answers) as [{ id: string }];
    await cable.runs(id, 1);
    const people = watching(`flows --watch --capture ${id}`);
    const programs = watching(`flows --watch --port ${PORT + 1} -o json`);
    interface Row {
      readonly id: string;
      readonly b: { readonly address: string; readonly port: number };
      readonly total: { readonly abPackets: number };
    }
    let sent = 0;
    const send = (count: number): void => {
      cable.datagrams(PORT + 1, count);
      sent += count;
    };
    // Only what comes after it began is told to who watches: more is sent until both see something.
    await vi.waitFor(() => {
      send(1);
      expect(people.answers).toContain(`${RIGHT}:${PORT + 1}`);
      expect(linesOf<Row>(programs.answers)[0]?.b).toMatchObject({ address: RIGHT, port: PORT + 1 });
    }, PATIENCE);
    const packets = (): number => {
      const latest = new Map(linesOf<Row>(programs.answers).map((row) => [row.id, row.total.abPackets]));
      return [...latest.values()].reduce((sum, count) => sum + count, 0);
    };
    const before = packets();
    send(4);
    await vi.waitFor(() => expect(packets()).toBeGreaterThanOrEqual(before + 4), PATIENCE);
    expect([await people.stop(), await programs.stop()]).toEqual([0, 0]);

    const now = await canopy(`flows --address ${LEFT}/32 --protocol udp --node ${cable.name} --port ${PORT + 1}`);
    expect(now.code).toBe(0);
    expect(now.answers).toMatch(/^APPLICATION +A +B +PACKETS/);
    expect(now.answers).toContain(`${RIGHT}:${PORT + 1}`);
    expect(now.messages).toContain('asked of the agents just now');
    await vi.waitFor(async () => {
      const top = JSON.parse((await canopy(`flows --top talkers --capture ${id} --since -10m -o json`)).answers) as unknown[];
      expect(top).toMatchObject([{ keys: [{ value: LEFT }, { value: RIGHT }], packets: sent }]);
    }, PATIENCE);
    expect((await canopy(`flows --top talkers --capture ${id}`)).answers).toMatch(new RegExp(`${LEFT} → ${RIGHT} .* ${sent} `));
    const past = await canopy(`flows --at now --capture ${id} -o json`);
    expect(past.code).toBe(0);
    const earlier = await canopy(`flows --at -1h --capture ${id}`);
    expect(earlier).toEqual({ code: 0, answers: '', messages: 'no flows\nfrom the store\n' });
    expect((await canopy('flows --top talkers --first many')).messages).toContain('--first cannot be');
    await canopy(`capture delete ${id}`);
  });

  it('packets are sent, with their tracking id, and from a file; and can be stopped', async () => {
    const id = await cable.capture({ gremlin: cable.right, bpf: `icmp or udp port ${PORT + 2}` }, 1);
    const sent = await canopy(`inject --src "${cable.left}" --dst "${cable.right}" --count 3 --interval 10ms --id 77`);
    expect(sent.code).toBe(0);
    const trackingId = /^done: 3 packets sent, tracking id ([0-9a-f]+)\n$/.exec(sent.answers)?.[1];
    expect(trackingId).toBeDefined();
    const flows = async (filter: string) =>
      (
        await cable.data<{ flows: { nodes: unknown[] } }>(
          `{ flows(filter: {capture: "${id}", ${filter}}) { nodes { total { abPackets } icmp { id } } } }`,
        )
      ).flows.nodes;
    await vi.waitFor(
      async () => expect(await flows(`trackingId: ["${trackingId}"]`)).toMatchObject([{ total: { abPackets: 3 }, icmp: { id: 77 } }]),
      PATIENCE,
    );

    const file = join(folder, 'replay.pcap');
    writeFileSync(
      file,
      pcapOf([
        [1_000, ethernet(0x0800, ipv4(17, udp(1234, PORT + 2, Buffer.from('replayed'))))],
        [2_000, ethernet(0x0800, ipv4(17, udp(1234, PORT + 2, Buffer.from('replayed'))))],
      ]),
    );
    const replayed = await canopy(`inject --src "${cable.left}" --pcap ${file}`);
    expect(replayed).toMatchObject({ code: 0, answers: 'done: 2 packets sent\n' });
    await vi.waitFor(async () => expect(await flows(`port: {eq: ${PORT + 2}}`)).toMatchObject([{ total: { abPackets: 2 } }]), PATIENCE);

    expect((await canopy('inject --dst-ip 10.0.0.1')).messages).toContain('inject needs --src');
    const unread = await canopy(`inject --src "${cable.left}" --pcap /nowhere.pcap`);
    expect([unread.code, unread.messages]).toEqual([2, expect.stringContaining('/nowhere.pcap cannot be read') as string]);

    const endless = watching(`inject --src "${cable.left}" --dst "${cable.right}" --count 1000000 --interval 20ms`);
    const running = async () =>
      (
        await cable.data<{ injections: { id: string; state: string; sent: number }[] }>('{ injections { id state sent } }')
      ).injections.filter(({ state }) => state === 'ACTIVE');
    await vi.waitFor(async () => expect((await running())[0]?.sent).toBeGreaterThan(0), PATIENCE);
    expect(await endless.stop()).toBe(0);
    expect(endless.answers).toMatch(/^cancelled: \d+ packets sent, tracking id/);
    await vi.waitFor(async () => expect(await running()).toEqual([]), PATIENCE);
    await canopy(`capture delete ${id}`);
  });

  it('packets are sent by every node that is found, each a flow', async () => {
    const sent = await canopy(`inject --src "${cable.both}" --dst-ip 10.66.0.9 --dst-mac 02:00:00:00:00:09 --count 2 --type udp4`);
    expect(sent.code).toBe(0);
    const lines = sent.answers.trim().split('\n');
    expect(lines).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining(`done: 2 packets sent by ${cable.name} of ${cable.lab.hostId}`) as string),
    );
    expect(new Set(lines).size).toBe(2);
  });

  it('an injection outlives the analyzer, and ends with its agent', async () => {
    const begun = await canopy(`inject --src "${cable.left}" --dst "${cable.right}" --count 1000000 --interval 20ms --no-wait -o json`);
    const { id } = JSON.parse(begun.answers) as { id: string };
    interface Shown {
      readonly injection: { readonly state: string; readonly sent: number; readonly error: string | null } | null;
    }
    const look = async () => (await cable.data<Shown>(`{ injection(id: "${id}") { state sent error } }`)).injection;
    await vi.waitFor(async () => expect((await look())?.sent).toBeGreaterThan(0), PATIENCE);
    const before = (await look())!.sent;
    const { port } = new URL(cable.rig.url);
    cable.rig = await cable.rig.restart({ config: { listen: `127.0.0.1:${port}` } });
    await vi.waitFor(async () => {
      const now = await look();
      expect(now?.state).toBe('ACTIVE');
      expect(now?.sent).toBeGreaterThan(before);
    }, PATIENCE);
    await cable.agent.running.stop();
    cable.agent = await cable.lab.agent();
    await vi.waitFor(
      async () => expect(await look()).toMatchObject({ state: expect.stringMatching(/ERROR|CANCELLED/) as string }),
      PATIENCE,
    );
    await vi.waitFor(async () => expect(await cable.gremlin("G.V().HasKey('PacketInjections').Count()")).toBe(0), PATIENCE);
  });
});
