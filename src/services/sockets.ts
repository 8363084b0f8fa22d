import type { Json, JsonObject } from '../common/json.js';
import { compileAddress, type AddressFilter } from '../graph/filter/addressFilter.js';
import { compileInt, type IntFilter } from '../graph/filter/intFilter.js';
import { compileString, type StringFilter } from '../graph/filter/stringFilter.js';
import { given, type Maybe, type ValueTest } from '../graph/filter/valueTest.js';
import { isJsonObject } from '../graph/metadataPath.js';
import type { NodeView } from './elementView.js';
import { intAt, textAt } from './metadata.js';
import type { Order } from './order.js';
import { pageOf, readWindow, type Connection, type PageArgs } from './page.js';

/** The key of hosts under which their open sockets stand, in Skydive's form. */
const SOCKETS = 'Sockets';

/** An open socket and the process that has it. */
export interface SocketView {
  readonly protocol: string;
  readonly state: string | undefined;
  readonly process: string | undefined;
  readonly name: string | undefined;
  readonly pid: number | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

export interface SocketEndFilter {
  readonly address?: Maybe<AddressFilter>;
  readonly port?: Maybe<IntFilter>;
}

/** All given conditions must hold. */
export interface SocketFilter {
  readonly protocol?: Maybe<StringFilter>;
  readonly state?: Maybe<StringFilter>;
  readonly process?: Maybe<StringFilter>;
  readonly name?: Maybe<StringFilter>;
  readonly pid?: Maybe<IntFilter>;
  readonly local?: Maybe<SocketEndFilter>;
  readonly remote?: Maybe<SocketEndFilter>;
  readonly and?: Maybe<readonly SocketFilter[]>;
  readonly or?: Maybe<readonly SocketFilter[]>;
  readonly not?: Maybe<SocketFilter>;
}

/** The open sockets of a host at its moment; `undefined` where nobody looks at them. */
export function socketsOf(host: NodeView): readonly SocketView[] | undefined {
  const list = host.metadataAt(SOCKETS);
  return Array.isArray(list) ? (list as Json[]).filter(isJsonObject).map(socketView) : undefined;
}

/** A page of those that match, by local port, address and what they talk to. Throws `BAD_INPUT` naming what is wrong with the filter. */
export function socketPage(
  host: NodeView,
  { filter, ...page }: PageArgs & { readonly filter?: Maybe<SocketFilter> },
  maxSize: number,
): Connection<SocketView, SocketView> | undefined {
  const matches = compileSockets(filter ?? {}, 'filter');
  const sockets = socketsOf(host);
  return sockets && pageOf(sockets.filter(matches), byEnds, host.there, (socket) => socket, readWindow(page, maxSize));
}

/** What tells sockets of a host apart: their two ends, and who has them. */
export const socketKey = ({ protocol, localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: SocketView): string =>
  [protocol, localAddress, localPort, remoteAddress, remotePort].join(' ');

const byEnds: Order<SocketView> = {
  compare: (a, b) => compareKeys(keyOf(a), keyOf(b)),
  keyOf,
  compareToKey: (socket, key) => compareKeys(keyOf(socket), key),
};

function keyOf(socket: SocketView): readonly [port: number, ends: string, pid: number] {
  return [socket.localPort ?? 0, socketKey(socket), socket.pid ?? 0];
}

function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  return Number(a[0]) - Number(b[0]) || compareTexts(String(a[1]), String(b[1])) || Number(a[2]) - Number(b[2]);
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Matches = (socket: SocketView) => boolean;

function compileSockets(filter: SocketFilter, field: string): Matches {
  const tests = [...conditions(filter, field)];
  return (socket) => tests.every((test) => test(socket));
}

function* conditions({ and, or, not, ...filter }: SocketFilter, field: string): Generator<Matches> {
  for (const key of ['protocol', 'state', 'process', 'name'] as const) {
    const condition = filter[key];
    if (given(condition)) yield of(compileString(condition, `${field}.${key}`), (socket) => socket[key]);
  }
  if (given(filter.pid)) yield of(compileInt(filter.pid), ({ pid }) => pid);
  for (const side of ['local', 'remote'] as const) {
    const { address, port } = filter[side] ?? {};
    if (given(address)) yield of(compileAddress(address, `${field}.${side}.address`), (socket) => socket[`${side}Address`]);
    if (given(port)) yield of(compileInt(port), (socket) => socket[`${side}Port`]);
  }
  for (const [index, each] of (and ?? []).entries()) yield compileSockets(each, `${field}.and[${index}]`);
  if (given(or)) {
    const some = or.map((each, index) => compileSockets(each, `${field}.or[${index}]`));
    yield (socket) => some.some((matches) => matches(socket));
  }
  if (given(not)) {
    const matches = compileSockets(not, `${field}.not`);
    yield (socket) => !matches(socket);
  }
}

const of =
  (test: ValueTest, read: (socket: SocketView) => Json | undefined): Matches =>
  (socket) => {
    const value = read(socket);
    return test(value === undefined ? [] : [value]);
  };

const socketView = (socket: JsonObject): SocketView => ({
  protocol: textAt(socket.Protocol) ?? '',
  state: textAt(socket.State),
  process: textAt(socket.Process),
  name: textAt(socket.Name),
  pid: intAt(socket.Pid),
  localAddress: textAt(socket.LocalAddress),
  localPort: intAt(socket.LocalPort),
  remoteAddress: textAt(socket.RemoteAddress),
  remotePort: intAt(socket.RemotePort),
});
