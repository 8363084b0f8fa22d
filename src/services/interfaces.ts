import type { Json, JsonObject } from '../common/json.js';
import type { EdgeRevision, NodeRevision } from '../graph/element.js';
import { isJsonObject } from '../graph/metadataPath.js';
import { rowWith } from '../graph/shownTable.js';
import type { NodeView } from './elementView.js';
import { kindOf } from './kinds.js';
import { counterAt, intAt, textAt, textsAt } from './metadata.js';
import { nodeViewOf, type NetworkInterfaceView, type NetworkNamespaceView } from './nodeViews.js';
import type { Order } from './order.js';
import { ownersOf } from '../graph/walk/ownership.js';
import { pageOf, readWindow, type Connection, type PageArgs } from './page.js';

const LAYER_2 = 'layer2';

/** The bridge, bond or VRF that the interface belongs to: the source of its plain layer-2 edge. */
export function masterOf(link: NetworkInterfaceView): NetworkInterfaceView | undefined {
  for (const edge of link.graph.inEdges(link.id)) {
    if (isLayer2(edge) && edge.metadata.Type === undefined) return asInterface(link.graph.node(edge.parent), link);
  }
  return undefined;
}

/** The other end of a pair (veth, netkit), in whichever namespace it lives. */
export function peerOf(link: NetworkInterfaceView): NetworkInterfaceView | undefined {
  for (const edge of link.graph.outEdges(link.id)) if (isPair(edge)) return asInterface(link.graph.node(edge.child), link);
  for (const edge of link.graph.inEdges(link.id)) if (isPair(edge)) return asInterface(link.graph.node(edge.parent), link);
  return undefined;
}

const isLayer2 = ({ metadata }: EdgeRevision): boolean => metadata.RelationType === LAYER_2;
/** Kinds of links that come in pairs; the edge between the ends has their kind. */
const PAIRS: readonly unknown[] = ['veth', 'netkit', 'vxcan'];
const isPair = (edge: EdgeRevision): boolean => isLayer2(edge) && PAIRS.includes(edge.metadata.Type);

/** Publishers can put an edge anywhere; what is no interface is no master and no peer. */
const asInterface = (node: NodeRevision | undefined, link: NodeView): NetworkInterfaceView | undefined =>
  node !== undefined && kindOf(node) === 'NetworkInterface' ? (nodeViewOf(node, link.moment) as NetworkInterfaceView) : undefined;

/** The nearest owner that is a namespace; `undefined` in the host's own. */
export function namespaceOf(link: NodeView): NetworkNamespaceView | undefined {
  const owner = ownersOf(link.graph, link.id).find((node) => kindOf(node) === 'NetworkNamespace');
  return owner && (nodeViewOf(owner, link.moment) as NetworkNamespaceView);
}

export interface NextHopRow {
  readonly address: string | undefined;
  readonly priority: number | undefined;
  readonly ifIndex: number | undefined;
}

export interface RouteRow {
  readonly table: number;
  readonly prefix: string;
  readonly protocol: number | undefined;
  readonly source: string | undefined;
  readonly nextHops: readonly NextHopRow[];
}

export interface NeighborRow {
  readonly mac: string | undefined;
  readonly address: string | undefined;
  readonly state: readonly string[];
  readonly flags: readonly string[];
  readonly vlan: number | undefined;
  readonly vni: number | undefined;
}

/** An entry of a list that has no id: its row's key orders it. */
interface Keyed<Row> {
  readonly key: string;
  readonly row: Row;
}

const byKey: Order<Keyed<JsonObject>> = {
  compare: (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  keyOf: ({ key }) => [key],
  compareToKey: ({ key }, [other]) => (key < String(other) ? -1 : key > String(other) ? 1 : 0),
};

/** Routes that leave through the interface, those of one routing table where it is given. */
export function routesOf(
  link: NetworkInterfaceView,
  page: PageArgs & { readonly table?: number | null },
  maxSize: number,
): Connection<Keyed<JsonObject>, RouteRow> {
  const routes = rowsIn(link, 'RoutingTables').flatMap(routesIn);
  const wanted = typeof page.table === 'number' ? routes.filter(({ row }) => tableNumber(row) === page.table) : routes;
  return rowPage(link, wanted, routeIn, page, maxSize);
}

/** Neighbours on the link (ARP, NDP). */
export const neighborTableOf = (link: NetworkInterfaceView, page: PageArgs, maxSize: number): Connection<Keyed<JsonObject>, NeighborRow> =>
  rowPage(link, rowsIn(link, 'Neighbors'), neighborIn, page, maxSize);

/** Entries of the bridge's or tunnel's forwarding table for this interface. */
export const forwardingTableOf = (
  link: NetworkInterfaceView,
  page: PageArgs,
  maxSize: number,
): Connection<Keyed<JsonObject>, NeighborRow> => rowPage(link, rowsIn(link, 'FDB'), neighborIn, page, maxSize);

/** Only what is on the page is read: a table may have thousands of rows. */
const rowPage = <Row>(
  link: NodeView,
  entries: Keyed<JsonObject>[],
  read: (row: JsonObject) => Row,
  page: PageArgs,
  maxSize: number,
): Connection<Keyed<JsonObject>, Row> => pageOf(entries, byKey, link.there, ({ row }) => read(row), readWindow(page, maxSize));

/** Rows of a table by key, with what is measured of them where the present is looked at; publishers and old agents write a list in the metadata. */
function rowsIn({ element, moment }: NodeView, name: string): Keyed<JsonObject>[] {
  const table = element.tables?.[name];
  if (table !== undefined) {
    const measured = moment?.isLive ? moment.graph.measurements(element.id)?.[name] : undefined;
    return Array.from(table.entries(), ([key, row]) => ({ key, row: isJsonObject(measured) ? rowWith(row, measured[key]) : row }));
  }
  const list = element.metadata[name];
  const rows = Array.isArray(list) ? (list as Json[]).filter(isJsonObject) : [];
  return rows.map((row) => ({ key: [row.Table, row.ID, row.Prefix, row.IP, row.MAC, row.Vlan, row.VNI].join('/'), row }));
}

/** A row is one route of a table, or a routing table with its routes (`ID`, `Src`, `Routes`): then each of these is a row with the table's number and source. */
function routesIn(entry: Keyed<JsonObject>): Keyed<JsonObject> | Keyed<JsonObject>[] {
  const { key, row } = entry;
  if (!Array.isArray(row.Routes)) return hasPrefix(row) ? entry : [];
  const { Routes: routes, ...table } = row;
  const source = textAt(row.Src);
  return (routes as JsonObject[]).flatMap((route, index) =>
    hasPrefix(route)
      ? { key: `${key}/${String(route.Prefix)}/${index}`, row: { ...route, ...table, Src: source ?? textAt(route.Src) ?? null } }
      : [],
  );
}

const hasPrefix = (route: JsonObject): boolean => textAt(route.Prefix) !== undefined;

const tableNumber = (row: JsonObject): number => intAt(row.ID) ?? intAt(row.Table) ?? 0;

const routeIn = (row: JsonObject): RouteRow => ({
  table: tableNumber(row),
  prefix: textAt(row.Prefix) ?? '',
  protocol: intAt(row.Protocol),
  source: textAt(row.Src),
  nextHops: Array.isArray(row.NextHops) ? (row.NextHops as JsonObject[]).map(nextHopIn) : [],
});

const nextHopIn = (hop: JsonObject): NextHopRow => ({
  address: textAt(hop.IP),
  priority: counterAt(hop.Priority),
  ifIndex: intAt(hop.IfIndex),
});

const neighborIn = (row: JsonObject): NeighborRow => ({
  mac: textAt(row.MAC),
  address: textAt(row.IP),
  state: textsAt(row.State),
  flags: textsAt(row.Flags),
  vlan: intAt(row.Vlan),
  vni: intAt(row.VNI),
});
