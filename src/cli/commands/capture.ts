import { parseObject } from '../ask/filters.js';
import { underlined } from '../ask/gremlin.js';
import { interruption } from '../ask/interrupt.js';
import { askWhole } from '../../client/ask.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { followDocument } from '../../client/resume.js';
import { defineCommand } from '../command.js';
import { CanopyError } from '../../common/errors.js';
import { CAPTURE_TYPES } from '../../protocol/capture.js';
import { FAILURE, OK } from '../exitCodes.js';
import { outputOption, printData, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';
import type { Terminal } from '../terminal.js';

const USAGE = 'See canopy help capture.';

interface Activity {
  readonly state: string;
  readonly error: string | null;
  readonly type: string | null;
  readonly packetsReceived: number;
  readonly packetsDropped: number;
  readonly flows: number;
  readonly pcapSocket: string | null;
  readonly sflowSocket: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly node: { readonly name: string; readonly host: string } | null;
}
interface CaptureRow {
  readonly id: string;
  readonly name: string;
  readonly gremlin: string | null;
  readonly nodes: unknown;
  readonly bpf: string;
  readonly type: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly activities: readonly Activity[];
}

const ACTIVITY =
  'state error type packetsReceived packetsDropped packetsIfDropped flows drops { reason count } pcapSocket sflowSocket facts node { id name host }';
const FIELDS = `id name description gremlin nodes bpf type headerSize rawPacketLimit extraTcpMetric ipDefrag reassembleTcp layerKeyMode extraLayers
  samplingRate pollingInterval port target targetType createdAt expiresAt activities { ${ACTIVITY} }`;

const LIST = `{ captures(first: 1000) { nodes { ${FIELDS} } } }`;
const GET = `query ($id: ID!) { capture(id: $id) { ${FIELDS} } }`;
const CREATE = `mutation ($input: CreateCaptureInput!) { createCapture(input: $input) { capture { ${FIELDS} } } }`;
const PREVIEW = `query ($input: CreateCaptureInput!) { capturePreview(input: $input) {
  total nodes { node { id name host captureAbilities { type impossible } } type impossible isConnected } duplicateOf { id } } }`;
const DELETE = 'mutation ($id: ID!) { deleteCapture(id: $id) { capture { id } } }';
const WATCH = `subscription ($after: Cursor) { captureChanges(after: $after) { cursor op capture { id name } activity { ${ACTIVITY.replace('node { id name host }', '')} } node { name host } } }`;

const COLUMNS: readonly Column<CaptureRow>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'NODES', value: ({ gremlin, nodes }) => gremlin ?? JSON.stringify(nodes) },
  { title: 'BPF', value: ({ bpf }) => bpf },
  // What was not asked for is what it came to.
  { title: 'TYPE', value: ({ type, activities }) => type ?? [...new Set(activities.flatMap((one) => one.type ?? []))].join(' ') },
  {
    title: 'ACTIVE',
    value: ({ activities }) => `${activities.filter(({ state }) => state === 'ACTIVE').length}/${activities.length}`,
    right: true,
  },
  { title: 'PACKETS', value: ({ activities }) => activities.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0), right: true },
  { title: 'LISTENS ON', value: ({ activities }) => activities.flatMap(socketsOf).join(' ') },
  { title: 'ERROR', value: ({ activities }) => activities.find(({ error }) => error !== null)?.error },
];

/** Where packets or flows are to be sent. */
const socketsOf = ({ pcapSocket, sflowSocket, facts: { netflowSocket } }: Activity): unknown[] =>
  [pcapSocket, sflowSocket, netflowSocket].filter((socket) => typeof socket === 'string');

interface Ability {
  readonly type: string;
  readonly impossible: string | null;
}
interface Preview {
  readonly total: number;
  readonly nodes: readonly {
    readonly node: { readonly name: string; readonly host: string; readonly captureAbilities: readonly Ability[] | null };
    readonly type: string | null;
    readonly impossible: string | null;
    readonly isConnected: boolean;
  }[];
  readonly duplicateOf: { readonly id: string } | null;
}

const PREVIEW_COLUMNS: readonly Column<Preview['nodes'][number]>[] = [
  { title: 'NODE', value: ({ node }) => node.name },
  { title: 'HOST', value: ({ node }) => node.host },
  { title: 'TYPE', value: ({ type }) => type },
  {
    title: 'WOULD RUN',
    value: ({ impossible, isConnected }) => impossible ?? (isConnected ? 'yes' : 'when its agent is back'),
  },
  { title: 'POSSIBLE', value: ({ node }) => kindsOf(node.captureAbilities, true) },
  { title: 'NOT POSSIBLE', value: ({ node }) => kindsOf(node.captureAbilities, false) },
];

const kindsOf = (abilities: readonly Ability[] | null, isPossible: boolean): string =>
  (abilities ?? [])
    .filter(({ impossible }) => (impossible === null) === isPossible)
    .map(({ type }) => type.toLowerCase())
    .join(' ');

/** Why kinds of capture cannot be had, each reason once with how many nodes it is of. */
function reasonsOf(nodes: Preview['nodes']): string[] {
  const counts = new Map<string, number>();
  for (const { node } of nodes) {
    for (const { type, impossible } of node.captureAbilities ?? []) {
      if (impossible === null) continue;
      const line = `${type.toLowerCase()}: ${impossible}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
    }
  }
  return [...counts].map(([line, count]) => (nodes.length === 1 ? line : `${line} (${count} of ${nodes.length} nodes)`));
}

const number = (text: string | undefined, flag: string): number | undefined => {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/u.test(text)) throw usageError(`--${flag} needs a whole number, not ${JSON.stringify(text)}`, USAGE);
  return Number(text);
};

export const command = defineCommand({
  name: 'capture',
  summary: 'make, list, watch and delete captures',
  details: [
    'A capture turns packets of nodes into flows: on every node that it finds, now and as long as it is found.',
    'create finds nodes by a Gremlin string with --gremlin, by a filter with --filter, or one by its topological id with --node. The other options say what is done with the packets.',
  ],
  positionals: [
    { name: 'ACTION', doc: 'what to do', choices: ['create', 'list', 'get', 'delete', 'watch'] },
    { name: 'ID', doc: 'which capture, for get and delete', optional: true },
  ],
  options: {
    gremlin: { type: 'text', short: 'g', placeholder: 'QUERY', doc: "on the nodes that this string finds: `G.V().Has('Name', 'eth0')`" },
    filter: { type: 'text', placeholder: 'JSON', doc: 'on the nodes that this NodeFilter of the schema finds: `{"type": {"eq": "veth"}}`' },
    node: { type: 'text', placeholder: 'TID', doc: 'on the node with this topological id' },
    name: { type: 'text', placeholder: 'TEXT', doc: 'a name for people' },
    description: { type: 'text', placeholder: 'TEXT', doc: 'what it is for' },
    bpf: { type: 'text', placeholder: 'TEXT', doc: 'only packets that this filter of libpcap lets through: `tcp port 80`' },
    type: { type: 'text', placeholder: 'TYPE', choices: CAPTURE_TYPES, doc: "how; the default of each node's type unless given" },
    'header-size': { type: 'text', placeholder: 'BYTES', doc: 'bytes of each packet that are looked at, 256 unless given' },
    'raw-packets': { type: 'text', placeholder: 'N', doc: 'keep the first so many packets of each flow, at most 10' },
    'extra-tcp-metric': { type: 'switch', doc: 'times and TTL of SYN, FIN and RST' },
    'ip-defrag': { type: 'switch', doc: 'put IPv4 fragments together' },
    'reassemble-tcp': { type: 'switch', doc: 'follow TCP streams: lost, late and repeated segments' },
    'layer-key-mode': {
      type: 'text',
      placeholder: 'MODE',
      choices: ['L2', 'L3'],
      doc: 'tell conversations apart by MAC and above (L2) or by address and above (L3)',
    },
    'extra-layers': { type: 'text', placeholder: 'NAMES', doc: 'keep these layers of each flow: DNS,DHCPv4,VRRP' },
    port: { type: 'text', placeholder: 'PORT', doc: 'where sFlow or a stream of packets is awaited' },
    'sampling-rate': { type: 'text', placeholder: 'N', doc: 'one packet of so many (sFlow)' },
    'polling-interval': { type: 'text', placeholder: 'DURATION', doc: 'time between samples of counters (sFlow): `10s`' },
    target: { type: 'text', placeholder: 'HOST[:PORT]', doc: 'send packets or flows there as well; erspanv1 takes no port' },
    'target-type': { type: 'text', placeholder: 'TYPE', choices: ['netflowv5', 'erspanv1'], doc: 'what is sent to the target' },
    'dry-run': {
      type: 'switch',
      doc: 'with create: only show on which nodes it would run, where not and why, and which types of capture are possible on each',
    },
    ttl: { type: 'text', placeholder: 'DURATION', doc: 'ends by itself after this time: `10m`' },
    pcapng: { type: 'text', placeholder: 'FILE', doc: 'with get: write all packets that it kept (--raw-packets) into this file' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: `capture create --gremlin "G.V().Has('Name', 'eth0')" --bpf 'tcp port 80'`, says: 'HTTP on every eth0, also on those to come' },
    {
      line: `capture create --gremlin "G.V().Has('Type', 'veth')" --type ebpf --dry-run`,
      says: 'where that would run, and where not and why',
    },
    { line: 'capture list', says: 'all captures, and how many nodes each runs on' },
    {
      line: 'capture get 6f1c9d2e-5a0b-4c6e-9a57-0d2f8f3c1b7e --pcapng packets.pcapng',
      says: 'the packets that it kept of all its flows, for Wireshark',
    },
    { line: 'capture watch', says: 'what happens to captures, until Ctrl-C' },
    { line: 'capture delete 6f1c9d2e-5a0b-4c6e-9a57-0d2f8f3c1b7e', says: 'ends a capture; its flows are kept' },
  ],
  async run({ options, positionals: [action, id], terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    if (action !== 'create') {
      const others = ['output', 'analyzer', 'token-file', 'config', 'set', ...(action === 'get' ? ['pcapng'] : [])];
      const given = Object.keys(options).find((name) => !others.includes(name));
      if (given !== undefined && given !== 'pcapng') throw usageError(`--${given} means something to capture create only`, USAGE);
    }
    if (options.pcapng !== undefined && action !== 'get') throw usageError('--pcapng means something to capture get only', USAGE);
    if (id !== undefined && action !== 'get' && action !== 'delete')
      throw usageError(
        `capture ${action} takes no id, but ${JSON.stringify(id)} was given`,
        id.startsWith('G.') ? 'A Gremlin string is given with --gremlin.' : USAGE,
      );
    const needId = (): string => {
      if (id === undefined) throw usageError(`capture ${action} needs the id of a capture`, USAGE);
      return id;
    };
    const show = async (captures: readonly CaptureRow[]): Promise<void> => printRows(captures, COLUMNS, options.output, terminal);
    switch (action) {
      case 'list': {
        const { nodes } = (await askWhole<{ captures: { nodes: CaptureRow[] } }>(analyzer, { document: LIST })).captures;
        await show(nodes);
        if (nodes.length === 0) terminal.err('no captures\n');
        return OK;
      }
      case 'get': {
        if (options.pcapng !== undefined) {
          const { downloadFile } = await import('../pcap/download.js');
          await downloadFile(analyzer, `/captures/${encodeURIComponent(needId())}/packets.pcapng`, options.pcapng, terminal);
          return OK;
        }
        const { capture } = await askWhole<{ capture: CaptureRow | null }>(analyzer, { document: GET, variables: { id: needId() } });
        if (capture === null) throw new CanopyError('NOT_FOUND', `there is no capture ${needId()}`);
        await printData(capture, options.output === 'yaml' ? 'yaml' : 'json', terminal);
        return OK;
      }
      case 'delete':
        await askWhole(analyzer, { document: DELETE, variables: { id: needId() } });
        return OK;
      case 'watch': {
        const { signal, release } = interruption(terminal);
        const onLost = (error: CanopyError): void => terminal.err(`${error.message.split('\n')[0]}; tried again\n`);
        const events = followDocument<{ captureChanges: WatchEvent }>(analyzer, { document: WATCH }, { signal, onLost });
        try {
          for await (const { captureChanges: event } of events)
            terminal.out(options.output === 'json' ? `${JSON.stringify(event)}\n` : eventLine(event));
        } finally {
          release();
        }
        return OK;
      }
      default: {
        if ([options.gremlin, options.filter, options.node].filter((one) => one !== undefined).length !== 1)
          throw usageError('capture create needs one of --gremlin, --filter and --node', USAGE);
        const input = {
          gremlin: options.node === undefined ? options.gremlin : `G.V().Has('TID', '${options.node}')`,
          nodes: options.filter === undefined ? undefined : parseObject('--filter', options.filter),
          name: options.name,
          description: options.description,
          bpf: options.bpf,
          type: options.type?.toUpperCase(),
          headerSize: number(options['header-size'], 'header-size'),
          rawPacketLimit: number(options['raw-packets'], 'raw-packets'),
          extraTcpMetric: options['extra-tcp-metric'],
          ipDefrag: options['ip-defrag'],
          reassembleTcp: options['reassemble-tcp'],
          layerKeyMode: options['layer-key-mode'],
          extraLayers: options['extra-layers']?.split(',').map((layer) => layer.trim().toUpperCase()),
          port: number(options.port, 'port'),
          samplingRate: number(options['sampling-rate'], 'sampling-rate'),
          pollingInterval: options['polling-interval'],
          target: options.target,
          targetType: options['target-type']?.toUpperCase(),
          ttl: options.ttl,
        };
        if (options['dry-run']) {
          const asked = askWhole<{ capturePreview: Preview }>(analyzer, { document: PREVIEW, variables: { input } });
          const { capturePreview } = await underlined(input.gremlin ?? '', asked);
          return showPreview(capturePreview, options.output, terminal);
        }
        const made = askWhole<{ createCapture: { capture: CaptureRow } }>(analyzer, { document: CREATE, variables: { input } });
        const { createCapture } = await underlined(input.gremlin ?? '', made);
        await show([createCapture.capture]);
        return OK;
      }
    }
  },
});

/** A capture that would be refused is a failure. */
async function showPreview(preview: Preview, output: string | undefined, terminal: Terminal): Promise<number> {
  const { total, nodes, duplicateOf } = preview;
  if (output === 'json' || output === 'yaml') await printData(preview, output, terminal);
  else {
    await printRows(nodes, PREVIEW_COLUMNS, output, terminal);
    for (const reason of reasonsOf(nodes)) terminal.err(`not possible: ${reason}\n`);
    if (total > nodes.length) terminal.err(`the first ${nodes.length} of ${total} nodes\n`);
    if (total === 0) terminal.err('no node matches now; the capture would wait for one\n');
    if (duplicateOf !== null) terminal.err(`capture ${duplicateOf.id} leaves no place for it\n`);
  }
  const isPossible = total === 0 || nodes.some(({ impossible }) => impossible === null);
  return duplicateOf === null && isPossible ? OK : FAILURE;
}

interface WatchEvent {
  readonly op: string;
  readonly capture: { readonly id: string; readonly name: string } | null;
  readonly activity: Omit<Activity, 'node'> | null;
  readonly node: { readonly name: string; readonly host: string } | null;
}

function eventLine({ op, capture, activity, node }: WatchEvent): string {
  if (capture === null) return 'what there is now:\n';
  const name = capture.name === '' ? capture.id : `${capture.name} (${capture.id})`;
  if (activity === null) return `${op.toLowerCase()} ${name}\n`;
  const place = node === null ? '' : ` on ${node.name} of ${node.host}`;
  const counters = `${activity.packetsReceived} packets, ${activity.flows} flows, ${activity.packetsDropped} dropped`;
  const more = activity.state === 'STARTING' ? '' : `: ${activity.error ?? counters}`;
  return `${activity.state.toLowerCase()} ${name}${place}${more}\n`;
}
