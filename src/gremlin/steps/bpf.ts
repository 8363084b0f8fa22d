import { defineStep, oneString } from '../step.js';
import type { Json } from '../../common/json.js';
import { mapRows } from '../execute/rows.js';
import type { Keyed, Rows } from '../execute/traversal.js';
import { packetFrom, packetJson, type PacketJson } from './flows/packets.js';
import { flowSource } from './flows/rows.js';

/** `BPF('expression')`: packets that a filter of libpcap lets through. */
export const bpf = defineStep({
  name: 'BPF',
  usage: ["BPF('tcp port 80')"],
  doc: 'packets that a filter of libpcap lets through',
  on: { packets: 'packets' },
  read: (call) => oneString(call, 'BPF requires 1 parameter', () => 'BPF parameter has to be a string'),
  notes: [{ kind: 'kept', text: 'Flows of which no packet is left stay, with `null`.' }],
  plan: (expression, _from, call) => (input, run) => {
    const source = flowSource(run, call);
    // A wrong text is wrong whether there are packets or not.
    source.filterPackets([], expression);
    return {
      rows: mapRows(input.rows as Rows<Keyed<readonly PacketJson[]>>, ([uuid, packets]): Keyed<Json> => {
        const left = source.filterPackets(packets.map(packetFrom), expression);
        return [uuid, left.length === 0 ? null : left.map(packetJson)];
      }),
    };
  },
});
