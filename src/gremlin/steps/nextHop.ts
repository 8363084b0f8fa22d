import type { Json, JsonObject } from '../../common/json.js';
import type { NodeRevision } from '../../graph/element.js';
import { isJsonObject } from '../../graph/metadataPath.js';
import ipaddr from 'ipaddr.js';
import { mapRows } from '../execute/rows.js';
import { nodesIn, type Keyed, type QueriedGraph } from '../execute/traversal.js';
import { fieldReader } from '../fields/field.js';
import { defineStep } from '../step.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

const readTables = fieldReader('RoutingTables');
const readNeighbors = fieldReader('Neighbors');

/** `NextHop('ip')`: where each node would send a packet for the address. */
export const nextHop = defineStep({
  name: 'NextHop',
  usage: ["NextHop('10.0.0.1')"],
  doc: 'for each node with routing tables the next hop towards the address',
  on: { nodes: 'nextHops' },
  notes: [
    {
      kind: 'kept',
      text: '`Priority` is always 0. The first route with a gateway wins, whatever the length of its prefix; then the last directly connected one; then the default route.',
    },
  ],
  read(call) {
    const [argument] = call.args;
    if (argument === undefined || call.args.length > 1) throw call.misread('NextHop accepts one parameter : ' + call.listed, call.args[1]);
    if (argument.kind !== 'string') throw call.misread('NextHop parameter have to be a string', argument);
    if (!ipaddr.isValid(argument.value)) throw call.misread('NextHop parameter have to be a valid IP address', argument);
    return argument.value;
  },
  plan(text) {
    const target = ipaddr.process(text);
    return (input) => ({
      rows: mapRows(nodesIn(input), (node): Keyed<JsonObject> | undefined => {
        const hop = hopOf(node, input.graph, text, target);
        return hop && [node.id, hop];
      }),
    });
  },
});

function hopOf(node: NodeRevision, graph: QueriedGraph, text: string, target: Address): JsonObject | undefined {
  for (const table of objectsIn(readTables(node, graph))) {
    const route = routeIn(table, text, target);
    if (route === undefined) continue;
    const mac = objectsIn(readNeighbors(node, graph)).find(
      (neighbor) => neighbor['IP'] === route.IP && neighbor['IfIndex'] === route.IfIndex,
    )?.['MAC'];
    return {
      Priority: 0,
      ...(route.IP !== undefined && { IP: route.IP }),
      ...(typeof mac === 'string' && { MAC: mac }),
      IfIndex: route.IfIndex,
    };
  }
  return undefined;
}

interface Hop {
  readonly IP: string | undefined;
  readonly IfIndex: number;
}

function routeIn(table: JsonObject, text: string, target: Address): Hop | undefined {
  let connected: Hop | undefined;
  let byDefault: Hop | undefined;
  for (const route of objectsIn(table['Routes'])) {
    const [hop] = objectsIn(route['NextHops']);
    const network = networkOf(route['Prefix']);
    if (hop === undefined || network === undefined || network[0].kind() !== target.kind()) continue;
    const gateway = typeof hop['IP'] === 'string' && hop['IP'] !== '' ? hop['IP'] : undefined;
    const ifIndex = typeof hop['IfIndex'] === 'number' ? hop['IfIndex'] : 0;
    if (network[1] === 0) byDefault ??= { IP: gateway, IfIndex: ifIndex };
    else if (target.match(network as never)) {
      if (gateway !== undefined) return { IP: gateway, IfIndex: ifIndex };
      connected = { IP: text, IfIndex: ifIndex };
    }
  }
  return connected ?? byDefault;
}

function networkOf(prefix: Json | undefined): [Address, number] | undefined {
  return typeof prefix === 'string' && ipaddr.isValidCIDR(prefix) ? ipaddr.parseCIDR(prefix) : undefined;
}

const objectsIn = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];
