import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureNotices, describeCaptures } from '../../src/cli/ask/captures.js';
import { run } from '../../src/cli/run.js';
import { eventually, gremlinAt } from '../compat/asking.js';
import { connectAgent, hostGraph } from '../compat/ws/oldAgent.js';
import { openRig, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';
import { words } from './words.js';

let rig: Rig;
beforeAll(async () => void (rig = await openRig()));
afterAll(() => rig.close());

async function canopy(line: string): Promise<{ code: number; answers: string; messages: string }> {
  const terminal = recordTerminal();
  const code = await run([...words(line), '--analyzer', rig.url], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}

describe('what cannot be', () => {
  it.each([
    ['capture create', /capture create needs one of --gremlin, --filter and --node/],
    [`capture create --gremlin "G.V("`, /^GREMLIN_SYNTAX: Expected right parenthesis\n {2}G\.V\(\n {6}\^\nExpected here/],
    ['capture create --gremlin G.V().Count()', /^BAD_INPUT: gremlin: "G\.V\(\)\.Count\(\)" is not valid; give a string that finds nodes/],
    [
      "capture create --gremlin G.V() --bpf 'udp prt 80'",
      /^BAD_INPUT: bpf: 'udp prt 80' is no filter: .*syntax error \(column 5: 'prt'\)\n {2}udp prt 80\n {6}\^\n$/,
    ],
    ["pcap nothing.pcap --local --bpf 'udp and'", /^BAD_INPUT: .* \(column 8: the filter ends too early\)\n {2}udp and\n {9}\^\n$/],
    ['capture create --gremlin G.V() --type magic', /--type cannot be 'magic'; valid is one of afpacket, pcap/],
    [
      'capture create --gremlin G.V() --ttl soon',
      /^BAD_INPUT: ttl: "soon" is not valid; give a length of time such as 250ms, 30s, 5m or 1h30m\n$/,
    ],
    ['capture create --gremlin G.V() --header-size 5', /^BAD_INPUT: headerSize: 5 is not valid; give 0 .*\n$/],
    ['capture create --gremlin G.V() --extra-layers TLS', /^BAD_INPUT: extraLayers\[0\]: Value "TLS" does not exist.*\n$/],
    [
      'capture create --gremlin G.V() --target nowhere --target-type netflowv5',
      /^BAD_INPUT: target: "nowhere" is not valid; give an address and a port/,
    ],
    ['capture list --gremlin G.V()', /--gremlin means something to capture create only/],
    ['capture watch x', /capture watch takes no id, but "x" was given/],
    ['capture get', /capture get needs the id of a capture/],
    ['capture delete nope', /^NOT_FOUND: there is no capture nope\n$/],
    ['inject', /inject needs --src/],
    [`inject --src "G.V(" --dst-ip 10.0.0.1`, /^GREMLIN_SYNTAX: Expected right parenthesis\n {2}G\.V\(\n/],
    ['inject --src G.V() --type arp', /--type cannot be 'arp'/],
    ["inject --src G.V().Has('Name','nobody') --dst-ip 10.0.0.1", /^BAD_INPUT: Not able to find a source node for/],
    ['capture create --gremlin G.V() --pcapng x', /--pcapng means something to capture get only/],
    ['capture get nobody --pcapng /nowhere/x', /^NOT_FOUND: no packets of the capture nobody are kept; rawPacketLimit/],
    ['flows --address x', /^BAD_INPUT: address\.eq: "x" is not valid; give an IPv4 or IPv6 address/],
    ['flows --since -5m', /--since means something with --top only/],
    ['flows --top talkers --watch', /--watch does not go with --top/],
    ['flows --top talkers --at -5m', /--at does not go with --top/],
    ['flows --watch --at -5m', /--watch begins now/],
  ])('%s: is said in the words of whoever asked', async (line, message) => {
    const { code, answers, messages } = await canopy(line);
    expect(code).not.toBe(0);
    expect(answers).toBe('');
    expect(messages).toMatch(message);
    // Nobody is shown a document that is not theirs.
    expect(messages).not.toMatch(/mutation|query \(|\$input/);
  });
});

describe('help', () => {
  it.each([
    ['flows', /--top WHAT .*one of talkers,/],
    ['capture', /ACTION +what to do; one of create, list, get, delete, watch/],
    ['inject', /--type TYPE .*one of icmp4, icmp6/],
  ])('of %s says what may be written', async (command, choices) => {
    expect((await canopy(`${command} --help`)).answers).toMatch(choices);
  });
});

describe('captures', () => {
  it('are made, shown, listed and deleted', async () => {
    const made = await canopy(`capture create --gremlin "G.V().Has('Name', 'eth0')" --bpf udp --name mine -o json`);
    expect(made.code).toBe(0);
    const [{ id }] = JSON.parse(made.answers) as [{ id: string }];
    expect((await canopy('capture list')).answers).toMatch(/mine +G\.V\(\)\.Has\('Name', 'eth0'\) +udp +0\/0/);
    expect(JSON.parse((await canopy(`capture get ${id}`)).answers)).toMatchObject({ id, name: 'mine', bpf: 'udp', headerSize: 256 });
    const again = await canopy(`capture create --gremlin "G.V().Has('Name', 'eth0')" --bpf udp`);
    expect(again.messages).toMatch(new RegExp(`^CONFLICT: capture ${id} asks for the same nodes`));
    expect((await canopy(`capture delete ${id}`)).code).toBe(0);
    expect((await canopy('capture list')).messages).toBe('no captures\n');
  });
});

describe('what status says of captures', () => {
  const activity = { state: 'ACTIVE', error: null, packetsReceived: 5, packetsDropped: 0, packetsIfDropped: 0, drops: [], facts: {} };
  const node = { name: 'eth0', host: 'web-1' };

  it('is where they do not run, lose packets and are crowded, and how much in all', () => {
    const captures = [
      { id: 'i', name: 'web', activities: [{ ...activity, node, packetsDropped: 2, drops: [{ reason: 'tableFull', count: 3 }] }] },
      { id: 'j', name: '', activities: [{ ...activity, node: null, state: 'ERROR', error: 'it is down' }] },
      { id: 'k', name: '', activities: [{ ...activity, node, facts: { crowded: 'no thread is left' } }] },
    ];
    expect(captureNotices(captures)).toEqual([
      'capture web on eth0 of web-1 dropped 2 (the kernel), 3 (tableFull)',
      'capture j on a node that is gone does not run: it is down',
      'capture k on eth0 of web-1 is crowded: no thread is left',
    ]);
    expect(describeCaptures(captures)).toBe(
      '3, active on 2 of 3 nodes, 15 packets; 2 dropped by the kernel, 0 at the interface, 3 by agents',
    );
  });
});

describe('injections', () => {
  it('are listed, shown and cancelled', async () => {
    expect((await canopy('injections list')).messages).toBe('no injections\n');
    const agent = await connectAgent(rig.url, 'sender');
    agent.send('Sync', hostGraph('sender'));
    const src = `G.V().Has('TID', 'sender-tid')`;
    await eventually(async () => (await gremlinAt(rig.url, `${src}.Count()`)) === 1);
    const dry = await canopy(`capture create --gremlin "${src}" --type pcap --dry-run`);
    expect(dry.answers).toMatch(/^NODE +HOST +TYPE +WOULD RUN +POSSIBLE +NOT POSSIBLE\neth0 +sender +PCAP/);
    const begun = await canopy(`inject --src "${src}" --dst-ip 10.9.0.2 --dst-mac 02:00:00:00:00:02 --count 9 --no-wait -o json`);
    const { id } = JSON.parse(begun.answers) as { id: string };
    expect((await canopy('injections list')).answers).toMatch(new RegExp(`${id} +icmp4 +eth0 +10\\.9\\.0\\.1 +10\\.9\\.0\\.2 +active`));
    expect(JSON.parse((await canopy(`injections get ${id}`)).answers)).toMatchObject({ id, type: 'ICMP4', count: 9 });
    expect((await canopy(`injections cancel ${id}`)).code).toBe(0);
    agent.close();
    for (const [line, message] of [
      ['injections get nobody', /there is no injection nobody/],
      ['injections cancel nobody', /there is no injection nobody/],
      ['injections cancel', /needs the id/],
      ['injections list x', /takes no id/],
    ] as const)
      expect((await canopy(line)).messages).toMatch(message);
  });
});
