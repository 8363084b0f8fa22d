import { defineStep } from '../step.js';
import type { Json } from '../../common/json.js';
import { pieces } from '../execute/rows.js';
import type { Keyed } from '../execute/traversal.js';
import { packetJson } from './flows/packets.js';
import { flowsIn, flowSource } from './flows/rows.js';

/** `RawPackets()`: the packets of the flows, as captured. */
export const rawPackets = defineStep({
  name: 'RawPackets',
  usage: ['RawPackets()'],
  doc: 'the packets of the flows, as captured',
  on: { flows: 'packets' },
  read: (call) => call,
  plan: (_args, _from, call) => async (input, run) => {
    const uuids = (await run.all(flowsIn(input))).map(({ UUID }) => UUID);
    const packets = await flowSource(run, call).rawPackets(uuids, input.slice);
    run.check();
    return { rows: pieces([...packets].map(([uuid, list]): Keyed<readonly Json[]> => [uuid, list.map(packetJson)])) };
  },
});
