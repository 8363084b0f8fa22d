import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { Tree } from '../ui/Tree.js';
import { Features, Forwarding, Neighbours, Routes, type TableEntry } from './documents.js';
import { Section, type SectionProps } from './Section.js';

/** How many entries there are is known before they are asked for. */
type CountedProps = SectionProps & { readonly count: number };

/** Makers of routes by the kernel's number, `rtnetlink(7)`. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'redirect',
  2: 'kernel',
  3: 'boot',
  4: 'static',
  9: 'ra',
  11: 'zebra',
  12: 'bird',
  16: 'dhcp',
  186: 'bgp',
  188: 'ospf',
};
const TABLES: Readonly<Record<number, string>> = { 253: 'default', 254: 'main', 255: 'local' };

interface RouteRow {
  readonly prefix: string;
  readonly via: string;
  readonly metric: number | undefined;
  readonly table: string;
  readonly source: string | null;
  readonly protocol: string | undefined;
}

const ROUTE_COLUMNS: readonly Column<RouteRow>[] = [
  { title: 'Destination', value: ({ prefix }) => prefix },
  { title: 'Via', value: ({ via }) => via },
  { title: 'Metric', value: ({ metric }) => metric, isNumber: true },
  { title: 'Table', value: ({ table }) => table },
  { title: 'Source', value: ({ source }) => source },
  { title: 'Made by', value: ({ protocol }) => protocol },
];

/** Routes that leave through the interface. */
export const RoutesSection = (props: CountedProps): JSX.Element => (
  <Section title={`Routes ${props.count}`}>
    <RouteTable {...props} />
  </Section>
);

function RouteTable({ id, at, turn }: SectionProps): JSX.Element {
  const { data, failure } = useAnswer(Routes, { id, at: at ?? null }, { subject: id, turn });
  const routes = data?.node && 'routes' in data.node ? data.node.routes.nodes : [];
  const rows = routes.map(({ prefix, table, protocol, source, nextHops }): RouteRow => ({
    prefix: prefix === '0.0.0.0/0' || prefix === '::/0' ? `default (${prefix})` : prefix,
    via: nextHops.map(({ address }) => address ?? 'on link').join(', '),
    metric: nextHops[0]?.priority ?? undefined,
    table: TABLES[table] ?? String(table),
    source,
    protocol: protocol === null ? undefined : (PROTOCOLS[protocol] ?? String(protocol)),
  }));
  return (
    <>
      <Problem message={failure?.message} />
      <Table title="Routes" columns={ROUTE_COLUMNS} rows={rows} keyOf={(row) => JSON.stringify(row)} empty="No route leaves here." />
    </>
  );
}

const short = (flag: string): string => flag.replace(/^(NUD|NTF)_/, '').toLowerCase();

const ENTRY_COLUMNS: readonly Column<TableEntry>[] = [
  { title: 'Address', value: ({ address }) => address },
  { title: 'MAC', value: ({ mac }) => mac, width: 'minmax(130px, 1fr)' },
  { title: 'State', value: ({ state }) => state.map(short).join(' ') },
  { title: 'Flags', value: ({ flags }) => flags.map(short).join(' ') },
  { title: 'VLAN', value: ({ vlan }) => vlan, isNumber: true },
  { title: 'VNI', value: ({ vni }) => vni, isNumber: true },
];
const keyOfEntry = (entry: TableEntry): string => JSON.stringify(entry);

/** Who has which address on its link. */
export const NeighboursSection = (props: CountedProps): JSX.Element => (
  <Section title={`Neighbours ${props.count}`}>
    <NeighbourTable {...props} />
  </Section>
);

function NeighbourTable({ id, at, turn }: SectionProps): JSX.Element {
  const { data, failure } = useAnswer(Neighbours, { id, at: at ?? null }, { subject: id, turn });
  const rows = data?.node && 'neighborTable' in data.node ? data.node.neighborTable.nodes : [];
  return (
    <>
      <Problem message={failure?.message} />
      <Table title="Neighbours" columns={ENTRY_COLUMNS.slice(0, 4)} rows={rows} keyOf={keyOfEntry} empty="No neighbour is known." />
    </>
  );
}

/** Where a bridge or a tunnel sends what is for a hardware address. */
export const ForwardingSection = (props: CountedProps): JSX.Element => (
  <Section title={`Forwarding table ${props.count}`}>
    <ForwardingTable {...props} />
  </Section>
);

function ForwardingTable({ id, at, turn }: SectionProps): JSX.Element {
  const { data, failure } = useAnswer(Forwarding, { id, at: at ?? null }, { subject: id, turn });
  const rows = data?.node && 'forwardingTable' in data.node ? data.node.forwardingTable.nodes : [];
  return (
    <>
      <Problem message={failure?.message} />
      <Table
        title="Forwarding table"
        columns={ENTRY_COLUMNS}
        rows={rows}
        keyOf={keyOfEntry}
        empty="No entry: it is no part of a bridge or a tunnel."
      />
    </>
  );
}

/** What the driver can do by itself. */
export const FeaturesSection = (props: SectionProps): JSX.Element => (
  <Section title="Features">
    <FeatureList {...props} />
  </Section>
);

function FeatureList({ id, at, turn }: SectionProps): JSX.Element {
  const { data, failure } = useAnswer(Features, { id, at: at ?? null }, { subject: id, turn });
  const features = data?.node && 'features' in data.node ? data.node.features : undefined;
  return (
    <>
      <Problem message={failure?.message} />
      {features ? <Tree value={features} /> : <p className="muted small">None are known.</p>}
    </>
  );
}
