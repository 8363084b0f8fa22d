import { EXTRA_LAYERS, type ExtraLayerName, type FlowTableOptions, type LayerKeyMode } from '../../flow/table/options.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { usageError } from '../parse.js';

const USAGE = 'See canopy help pcap.';
const LAYER_NAMES = Object.keys(EXTRA_LAYERS);

/** Options that say how flows are made here: the analyzer makes them in its own way. */
const LOCAL_ONLY = [
  'layer-key-mode',
  'extra-tcp-metric',
  'ip-defrag',
  'reassemble-tcp',
  'extra-layers',
  'bpf',
  'raw-packets',
  'output',
] as const;

function extraLayers(text: string | undefined): number {
  if (text === undefined) return 0;
  return text.split(',').reduce((sum, name) => {
    const known = LAYER_NAMES.find((layer) => layer.toLowerCase() === name.trim().toLowerCase()) as ExtraLayerName | undefined;
    if (known === undefined) throw usageError(`--extra-layers knows ${LAYER_NAMES.join(', ')}, not ${JSON.stringify(name)}`, USAGE);
    return sum | EXTRA_LAYERS[known];
  }, 0);
}

function rawPackets(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,6}$/.test(text)) throw usageError(`--raw-packets needs a number of packets, not ${JSON.stringify(text)}`, USAGE);
  return Number(text);
}

export const command = defineCommand({
  name: 'pcap',
  summary: 'turn a capture file into flows',
  details: [
    'Reads pcap and pcapng, in every byte order, with times in micro- or nanoseconds. Packets keep the times of the file, each flow comes out once.',
    'Without --local the file goes to the analyzer, whose store has its flows afterwards. With --local no analyzer is needed: the flows are printed. How much was read, and what was damaged, is said on standard error; the exit code is 5 when the file ends too early.',
  ],
  positionals: [{ name: 'FILE', doc: 'the capture file; `-` reads standard input' }],
  options: {
    local: { type: 'switch', doc: 'print the flows without an analyzer' },
    'layer-key-mode': {
      type: 'text',
      placeholder: 'MODE',
      choices: ['L2', 'L3'],
      doc: 'tell conversations apart by MAC and above (L2, the default) or by address and above (L3)',
    },
    'extra-tcp-metric': { type: 'switch', doc: 'times and TTL of SYN, FIN and RST' },
    'ip-defrag': { type: 'switch', doc: 'put IPv4 fragments together' },
    'reassemble-tcp': { type: 'switch', doc: 'follow TCP streams: lost, late and repeated segments' },
    'extra-layers': { type: 'text', placeholder: 'NAMES', doc: 'keep these layers of each flow: DNS,DHCPv4,VRRP' },
    bpf: { type: 'text', placeholder: 'TEXT', doc: 'only packets that this filter of libpcap lets through: `tcp port 80`' },
    'raw-packets': { type: 'text', placeholder: 'N', doc: 'count up to so many raw packets as kept for each flow' },
    output: {
      type: 'text',
      short: 'o',
      placeholder: 'FORMAT',
      choices: ['table', 'jsonl', 'json', 'yaml'],
      doc: 'table (aligned text), jsonl (one flow a line), json (one list) or yaml',
    },
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: 'pcap trace.pcap', says: "put the flows of a file into the analyzer's store" },
    { line: 'pcap trace.pcap --local', says: 'the conversations in a file' },
    {
      line: "pcap trace.pcapng --local --bpf 'udp port 53' --extra-layers DNS -o jsonl",
      says: 'questions to name servers with their answers, one flow a line',
    },
    {
      line: 'pcap trace.pcap --local --layer-key-mode L3 --extra-tcp-metric -o json',
      says: 'conversations regardless of MAC addresses, with the times of SYN, FIN and RST',
    },
  ],
  async run({ options, positionals: [path], terminal, config }) {
    if (options.local !== true) {
      const given = LOCAL_ONLY.find((name) => options[name] !== undefined);
      if (given !== undefined) throw usageError(`--${given} means something with --local only`, USAGE);
      const { uploadPcap } = await import('../pcap/upload.js');
      return uploadPcap(await analyzerOf((await config()).config), path!, terminal);
    }
    const { printFlows } = await import('../pcap/local.js');
    const table: Partial<FlowTableOptions> = {
      layerKeyMode: (options['layer-key-mode'] ?? 'L2') as LayerKeyMode,
      extraTcpMetric: options['extra-tcp-metric'] === true,
      ipDefrag: options['ip-defrag'] === true,
      reassembleTcp: options['reassemble-tcp'] === true,
      extraLayers: extraLayers(options['extra-layers']),
      rawPacketLimit: rawPackets(options['raw-packets']),
    };
    return printFlows(path!, { table, bpf: options.bpf, output: options.output }, terminal);
  },
});
