import { setTimeout as pause } from 'node:timers/promises';
import { underlined } from '../ask/gremlin.js';
import { BEGUN_FIELDS, CANCEL_INJECTION } from '../ask/injections.js';
import { interruption } from '../ask/interrupt.js';
import { askWhole } from '../../client/ask.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import type { Analyzer } from '../../client/analyzer.js';
import { defineCommand } from '../command.js';
import { FAILURE, OK } from '../exitCodes.js';
import { outputOption, printData } from '../output/format.js';
import { progressOn } from '../output/progress.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';
import { readCapture } from '../pcap/readCapture.js';

const USAGE = 'See canopy help inject.';
const LOOK_MS = 200;

interface Injection {
  readonly id: string;
  readonly state: string;
  readonly sent: number;
  readonly count: number;
  readonly filePackets: number | null;
  readonly error: string | null;
  readonly trackingId: string | null;
  readonly sendings: readonly {
    readonly state: string;
    readonly sent: number;
    readonly error: string | null;
    readonly trackingId: string | null;
    readonly node: { readonly name: string; readonly host: string } | null;
  }[];
}

const INJECT = `mutation ($input: InjectPacketsInput!) { injectPackets(input: $input) { injection { ${BEGUN_FIELDS} } } }`;
const LOOK = `query ($id: ID!) { injection(id: $id) { ${BEGUN_FIELDS} } }`;

const number = (text: string | undefined, flag: string): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/u.test(text)) throw usageError(`--${flag} needs a whole number, not ${JSON.stringify(text)}`, USAGE);
  return Number(text);
};

export const command = defineCommand({
  name: 'inject',
  summary: 'send packets from a node',
  details: [
    'Addresses that are not given are found on the nodes; the MAC address of the destination is that of the next hop. The agent must allow it (`agent.allow.inject`).',
    'Waits until the packets are sent, and says the tracking id of the flow that they become; with --no-wait it only begins. Ctrl-C ends the sending.',
  ],
  options: {
    src: { type: 'text', placeholder: 'QUERY', doc: "the nodes that send, as a Gremlin string: `G.V().Has('Name', 'eth0')`" },
    dst: { type: 'text', placeholder: 'QUERY', doc: 'the node that is to get them' },
    type: {
      type: 'text',
      placeholder: 'TYPE',
      choices: ['icmp4', 'icmp6', 'tcp4', 'tcp6', 'udp4', 'udp6'],
      doc: 'what is sent, icmp4 unless given',
    },
    'src-ip': { type: 'text', placeholder: 'ADDRESS', doc: 'source address; a whole prefix such as `10.0.0.0/24`: its addresses in turn' },
    'dst-ip': { type: 'text', placeholder: 'ADDRESS', doc: 'destination address' },
    'src-mac': { type: 'text', placeholder: 'MAC', doc: 'source MAC address' },
    'dst-mac': { type: 'text', placeholder: 'MAC', doc: 'destination MAC address' },
    'src-port': { type: 'text', placeholder: 'PORT', doc: 'source port' },
    'dst-port': { type: 'text', placeholder: 'PORT', doc: 'destination port' },
    id: { type: 'text', placeholder: 'NUMBER', doc: 'identifier of echo requests' },
    count: { type: 'text', placeholder: 'N', doc: 'how many, 1 unless given' },
    interval: { type: 'text', placeholder: 'DURATION', doc: 'time between two packets: `100ms`' },
    mode: { type: 'text', placeholder: 'MODE', choices: ['unique', 'random'], doc: 'all packets one flow, or each a flow of its own' },
    payload: { type: 'text', placeholder: 'TEXT', doc: 'content of the packets' },
    'inc-payload': { type: 'text', placeholder: 'BYTES', doc: 'by which the payload grows with each packet' },
    ttl: { type: 'text', placeholder: 'N', doc: 'time to live or hop limit, 64 unless given' },
    pcap: { type: 'text', placeholder: 'FILE', doc: 'send the packets of this capture file as they are' },
    'no-wait': { type: 'switch', doc: 'do not wait until everything is sent' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: `inject --src "G.V().Has('Name', 'eth0')" --dst-ip 10.0.0.1 --count 5`, says: 'five pings from an interface' },
    {
      line: `inject --src "G.V().Has('Name', 'eth0')" --dst "G.V().Has('Name', 'eth1')" --type tcp4 --dst-port 80`,
      says: 'a SYN from one node to another',
    },
    { line: `inject --src "G.V().Has('Name', 'eth0')" --pcap trace.pcap --interval 10ms`, says: 'the packets of a file' },
  ],
  async run({ options, terminal, config }) {
    if (options.src === undefined) throw usageError('inject needs --src', USAGE);
    const analyzer = await analyzerOf((await config()).config);
    const input = {
      src: options.src,
      dst: options.dst,
      type: options.type?.toUpperCase(),
      srcIp: options['src-ip'],
      dstIp: options['dst-ip'],
      srcMac: options['src-mac'],
      dstMac: options['dst-mac'],
      srcPort: number(options['src-port'], 'src-port'),
      dstPort: number(options['dst-port'], 'dst-port'),
      icmpId: number(options.id, 'id'),
      count: number(options.count, 'count'),
      interval: options.interval,
      mode: options.mode?.toUpperCase(),
      payload: options.payload,
      incrementPayload: number(options['inc-payload'], 'inc-payload'),
      ttl: number(options.ttl, 'ttl'),
      pcap: options.pcap === undefined ? undefined : Buffer.from(readCapture(options.pcap)).toString('base64'),
    };
    const asked = askWhole<{ injectPackets: { injection: Injection } }>(analyzer, { document: INJECT, variables: { input } });
    // Of two strings nobody knows which one was meant.
    const answer = await (input.dst === undefined ? underlined(input.src, asked) : asked);
    let { injection } = answer.injectPackets;
    if (options['no-wait'] !== true) injection = await followToEnd(analyzer, injection, terminal);
    if (options.output === 'json' || options.output === 'yaml') await printData(injection, options.output, terminal);
    else {
      const isOne = injection.sendings.length === 1;
      for (const { state, sent, error, trackingId, node } of injection.sendings) {
        const place = isOne || node === null ? '' : ` by ${node.name} of ${node.host}`;
        const flow = trackingId === null ? '' : `, tracking id ${trackingId}`;
        terminal.out(`${state.toLowerCase()}: ${sent} packets sent${place}${flow}${error === null ? '' : `: ${error}`}\n`);
      }
    }
    return injection.state === 'ERROR' ? FAILURE : OK;
  },
});

/** Looks how it goes until it is over; when somebody interrupts, no further packet is sent. */
async function followToEnd(analyzer: Analyzer, begun: Injection, terminal: Terminal): Promise<Injection> {
  const { signal, release } = interruption(terminal);
  const progress = progressOn(terminal);
  const cancel = (): void => void askWhole(analyzer, { document: CANCEL_INJECTION, variables: { id: begun.id } }).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    let injection = begun;
    while (injection.state === 'ACTIVE') {
      await pause(LOOK_MS);
      const looked = await askWhole<{ injection: Injection | null }>(analyzer, { document: LOOK, variables: { id: begun.id } });
      if (looked.injection === null) break;
      injection = looked.injection;
      const each = injection.count || injection.filePackets;
      progress({ step: 'packets sent', done: injection.sent, total: each === null ? undefined : each * injection.sendings.length });
    }
    return injection;
  } finally {
    release();
  }
}
