import type { Json } from '../../../common/json.js';
import type { Flow } from '../../../flow/flow.js';
import { isJsonObject } from '../../../graph/metadataPath.js';
import { mapRows } from '../../execute/rows.js';
import type { Executor, Keyed } from '../../execute/traversal.js';
import type { FieldReader } from '../../fields/field.js';
import { flowsIn } from './rows.js';

/** `Flows().Sockets()`: the open sockets at both ends of TCP and UDP flows, by the flow's id. */
export const flowSockets =
  (read: FieldReader): Executor =>
  (input) => {
    const { graph } = input;
    let known: Map<string, Json[]> | undefined;
    const socketsByEnds = (): Map<string, Json[]> => {
      if (known !== undefined) return known;
      known = new Map();
      for (const node of graph.nodes()) {
        const list = read(node, graph);
        if (!Array.isArray(list)) continue;
        for (const socket of list as Json[]) {
          if (!isJsonObject(socket)) continue;
          const { Protocol, LocalAddress, LocalPort, RemoteAddress, RemotePort } = socket;
          const key = [Protocol, LocalAddress, LocalPort, RemoteAddress, RemotePort].join(' ');
          const same = known.get(key);
          if (same === undefined) known.set(key, [socket]);
          else same.push(socket);
        }
      }
      return known;
    };
    return {
      rows: mapRows(flowsIn(input), ({ UUID, Network, Transport }: Flow): Keyed<readonly Json[]> | undefined => {
        if (Network === undefined || (Transport?.Protocol !== 'TCP' && Transport?.Protocol !== 'UDP')) return undefined;
        const { Protocol, A, B } = Transport;
        const found = [
          ...(socketsByEnds().get([Protocol, Network.A, A, Network.B, B].join(' ')) ?? []),
          ...(socketsByEnds().get([Protocol, Network.B, B, Network.A, A].join(' ')) ?? []),
        ];
        return found.length === 0 ? undefined : [UUID, found];
      }),
    };
  };
