import type { JSX } from 'react';
import { useAnswer } from '../data/useAnswer.js';
import { Problem } from '../ui/Problem.js';
import { type Column, Table } from '../ui/Table.js';
import { Sockets } from './documents.js';
import { Section, type SectionProps } from './Section.js';

/** A connection of a process, as the probe of sockets writes it. */
interface Socket {
  readonly Protocol?: string;
  readonly State?: string;
  readonly LocalAddress?: string;
  readonly LocalPort?: number;
  readonly RemoteAddress?: string;
  readonly RemotePort?: number;
  readonly Name?: string;
  readonly Process?: string;
  readonly Pid?: number;
}

const endOf = (address: string | undefined, port: number | undefined): string =>
  address === undefined ? '' : `${address.includes(':') ? `[${address}]` : address}:${port ?? '*'}`;

const COLUMNS: readonly Column<Socket>[] = [
  { title: 'Local', value: (socket) => endOf(socket.LocalAddress, socket.LocalPort), width: 'minmax(130px, 1fr)' },
  { title: 'Remote', value: (socket) => endOf(socket.RemoteAddress, socket.RemotePort), width: 'minmax(130px, 1fr)' },
  { title: 'Protocol', value: ({ Protocol }) => Protocol },
  { title: 'State', value: ({ State }) => State?.toLowerCase() },
  { title: 'Process', value: ({ Name, Process }) => Name ?? Process },
  { title: 'Pid', value: ({ Pid }) => Pid, isNumber: true },
];

/** Open connections of processes. */
export const SocketsSection = (props: SectionProps): JSX.Element => (
  <Section title="Sockets">
    <SocketTable {...props} />
  </Section>
);

function SocketTable({ id, at, turn }: SectionProps): JSX.Element {
  const { data, failure } = useAnswer(Sockets, { id, at: at ?? null }, { subject: id, turn });
  const found = data?.node?.metadata;
  const rows = Array.isArray(found) ? (found as readonly Socket[]) : [];
  return (
    <>
      <Problem message={failure?.message} />
      <Table title="Sockets" columns={COLUMNS} rows={rows} keyOf={(row) => JSON.stringify(row)} empty="No socket is open." />
    </>
  );
}
