import { beforeEach, describe, expect, it } from 'vitest';
import { LINUX } from '../../../../agent/linux/abi.js';
import { decodeRoute, type RouteMessage } from '../../../../agent/linux/netlink/route.js';
import { RouteKeeper } from '../../../../agent/probes/netlink/routeKeeper.js';
import { routeBody, type RouteFields } from '../../linux/netlink/bytes.js';

const route = (fields: Partial<RouteFields>): RouteMessage =>
  decodeRoute(routeBody({ prefix: [10, 0, 0, 0], length: 8, ifIndex: 3, ...fields })) as RouteMessage;

const v6 = (last: number): number[] => [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
const PREFIX_6 = [0xfd, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

describe('routes of a namespace', () => {
  let routes: RouteKeeper;
  let unclear: boolean[];
  beforeEach(() => {
    unclear = [];
    routes = new RouteKeeper({ keepsAll: false, unclear: (isIPv6) => unclear.push(isIPv6) });
  });
  const rowsOf = (ifIndex: number) => Object.values(routes.table.shownOf(ifIndex));
  const add = (fields: Partial<RouteFields>, flags = 0) => routes.add(route(fields), flags);

  it('are rows with the keys that metadata has for them', () => {
    add({ gateway: [10, 7, 0, 1], table: 1_000, priority: 20, source: [10, 7, 0, 2], protocol: 16 });
    expect(rowsOf(3)).toEqual([
      { ID: 1_000, Protocol: 16, Prefix: '10.0.0.0/8', Src: '10.7.0.2', NextHops: [{ Priority: 20, IP: '10.7.0.1', IfIndex: 3 }] },
    ]);
    add({ prefix: [0, 0, 0, 0], length: 0, gateway: [10, 7, 0, 1] });
    add({ prefix: v6(0), length: 0, gateway: v6(1) });
    expect(rowsOf(3).map(({ Prefix }) => Prefix)).toEqual(['10.0.0.0/8', '0.0.0.0/0', '::/0']);
  });

  it('with several next hops are at each interface that they leave through', () => {
    add({
      ifIndex: undefined,
      hops: [
        { ifIndex: 3, gateway: [10, 7, 0, 1], weight: 2 },
        { ifIndex: 4, gateway: [10, 8, 0, 1] },
      ],
    });
    const row = {
      ID: 254,
      Protocol: 4,
      Prefix: '10.0.0.0/8',
      NextHops: [
        { Priority: 0, IP: '10.7.0.1', IfIndex: 3, Weight: 2 },
        { Priority: 0, IP: '10.8.0.1', IfIndex: 4 },
      ],
    };
    expect([rowsOf(3), rowsOf(4)]).toEqual([[row], [row]]);
    add({ gateway: [10, 7, 0, 9] }, LINUX.NLM_F_REPLACE);
    expect(rowsOf(3)).toHaveLength(1);
    expect(rowsOf(4)).toEqual([]);
    expect(unclear).toEqual([]);
  });

  it('that lead nowhere are at the loopback', () => {
    add({ ifIndex: undefined, type: 6 });
    expect(rowsOf(1)).toEqual([{ ID: 254, Protocol: 4, Prefix: '10.0.0.0/8', Type: 'blackhole', NextHops: [] }]);
  });

  it('of the same destination are told apart by their next hops', () => {
    add({ gateway: [10, 7, 0, 1] });
    add({ gateway: [10, 7, 0, 2] }, LINUX.NLM_F_APPEND);
    expect(rowsOf(3)).toHaveLength(2);
    routes.remove(route({ gateway: [10, 7, 0, 1] }));
    expect(rowsOf(3)).toMatchObject([{ NextHops: [{ IP: '10.7.0.2' }] }]);
    add({ gateway: [10, 7, 0, 3] }, LINUX.NLM_F_APPEND);
    expect(unclear).toEqual([]);
    add({ gateway: [10, 7, 0, 4] }, LINUX.NLM_F_REPLACE);
    expect(unclear).toEqual([false]);
  });

  it('of IPv6 with gateways are one route, which loses a next hop at a time', () => {
    const both = [
      { ifIndex: 3, gateway: v6(1) },
      { ifIndex: 4, gateway: v6(2) },
    ];
    add({ prefix: PREFIX_6, length: 64, gateway: v6(1) });
    add({ prefix: PREFIX_6, length: 64, ifIndex: undefined, hops: both }, LINUX.NLM_F_APPEND);
    expect([rowsOf(3).length, rowsOf(4).length]).toEqual([1, 1]);
    routes.remove(route({ prefix: PREFIX_6, length: 64, gateway: v6(1) }));
    expect(rowsOf(3)).toEqual([]);
    expect(rowsOf(4)).toMatchObject([{ NextHops: [{ IP: 'fd00::2', IfIndex: 4 }] }]);
    // Without gateways they are routes of their own.
    for (const ifIndex of [3, 4]) add({ prefix: PREFIX_6, length: 10, ifIndex, protocol: 2 });
    routes.remove(route({ prefix: PREFIX_6, length: 10, ifIndex: 3, protocol: 2 }));
    expect([rowsOf(3).length, rowsOf(4).length]).toEqual([0, 2]);
  });

  it('stay when the end of one through another link is heard late, after that link itself is gone', () => {
    for (const ifIndex of [3, 4]) add({ prefix: PREFIX_6, length: 10, ifIndex, protocol: 2 });
    routes.linkGone(3);
    routes.remove(route({ prefix: PREFIX_6, length: 10, ifIndex: 3, protocol: 2 }));
    expect(rowsOf(4)).toMatchObject([{ NextHops: [{ IfIndex: 4 }] }]);
    routes.remove(route({ prefix: PREFIX_6, length: 10, ifIndex: 4, protocol: 2 }));
    expect(rowsOf(4)).toEqual([]);
  });

  it('name a next-hop object, whose members they take where the kernel leaves them out', () => {
    routes.nextHop({ id: 7, ifIndex: 3, gateway: '10.7.0.1', members: undefined });
    routes.nextHop({ id: 8, ifIndex: 4, gateway: '10.8.0.1', members: undefined });
    routes.nextHop({ id: 9, ifIndex: 0, gateway: undefined, members: [7, 8].map((id) => ({ id, weight: 1 })) });
    add({ ifIndex: undefined, nextHopId: 9 });
    expect(rowsOf(4)).toMatchObject([{ NextHopID: 9, NextHops: [{ IP: '10.7.0.1' }, { IP: '10.8.0.1' }] }]);
    routes.nextHopGone({ id: 9, ifIndex: 0, gateway: undefined, members: undefined });
    expect(unclear).toEqual([false, true]);
  });

  it('go with their link', () => {
    add({});
    add({ prefix: [10, 9, 0, 0], length: 16, ifIndex: undefined, hops: [{ ifIndex: 3 }, { ifIndex: 4 }] });
    routes.linkGone(3);
    expect(rowsOf(3)).toEqual([]);
    expect(rowsOf(4)).toHaveLength(1);
    expect(unclear).toEqual([false]);
  });

  it('of daemons are counted for each table', () => {
    for (let index = 0; index < 5; index++) add({ prefix: [10, index, 0, 0], length: 16, protocol: 186 });
    add({ prefix: [10, 9, 0, 0], length: 16, protocol: 188, table: 7 });
    routes.remove(route({ prefix: [10, 0, 0, 0], length: 16, protocol: 186 }));
    expect(rowsOf(3)).toEqual([]);
    expect(routes.takeCounts()).toEqual([
      {
        ifIndex: 3,
        values: [
          ['RouteCounts.254.bgp', 4],
          ['RouteCounts.7.ospf', 1],
        ],
      },
    ]);
    expect(routes.takeCounts()).toEqual([]);
  });

  it('of daemons are rows where all are wanted', () => {
    routes = new RouteKeeper({ keepsAll: true, unclear: () => undefined });
    add({ protocol: 186 });
    expect(rowsOf(3)).toHaveLength(1);
  });

  it('agree with a reading, in which events count that come meanwhile', () => {
    const many = Array.from({ length: 2_500 }, (_, index) =>
      route({ prefix: [10, index >> 8, index & 255, 0], length: 24, gateway: [10, 7, 0, 1] }),
    );
    add({ prefix: [192, 168, 0, 0], length: 24 });
    add({ prefix: PREFIX_6, length: 64 });
    const reading = routes.read(false, many);
    expect(reading.next().done).toBe(false);
    routes.remove(many[2_400]!);
    add({ prefix: [172, 16, 0, 0], length: 16 });
    for (const _step of reading) continue;
    const prefixes = new Set(rowsOf(3).map(({ Prefix }) => Prefix));
    expect(prefixes.size).toBe(2_499 + 2);
    expect(prefixes.has(many[2_400]!.prefix)).toBe(false);
    expect(prefixes.has('192.168.0.0/24')).toBe(false);
    expect(prefixes.has('172.16.0.0/16')).toBe(true);
    expect(prefixes.has('fd07::/64')).toBe(true);
  });

  it('through a link that went down are those that a look at it still shows', () => {
    add({ gateway: [10, 7, 0, 1] });
    add({ prefix: [10, 7, 0, 0], length: 24, type: 2 });
    add({ prefix: PREFIX_6, length: 64 });
    routes.read4Through(3, [route({ prefix: [10, 7, 0, 0], length: 24, type: 2 })]);
    expect(rowsOf(3).map(({ Prefix }) => Prefix)).toEqual(['10.7.0.0/24', 'fd07::/64']);
  });

  it('beyond a limit are left out, and read again when there is room', () => {
    routes = new RouteKeeper({ keepsAll: false, unclear: (isIPv6) => unclear.push(isIPv6), most: 10 });
    const prefix = (index: number) => ({ prefix: [10, index, 0, 0], length: 16 });
    for (let index = 0; index < 12; index++) add(prefix(index));
    expect([rowsOf(3).length, routes.isTruncated, unclear]).toEqual([10, true, []]);
    routes.remove(route(prefix(11)));
    routes.remove(route(prefix(0)));
    expect(unclear).toEqual([]);
    routes.remove(route(prefix(1)));
    expect([routes.isTruncated, unclear]).toEqual([false, [false, true]]);
    const there = [2, 3, 4, 5, 6, 7, 8, 9, 10].map((index) => route(prefix(index)));
    for (const _step of routes.read(false, there)) continue;
    expect([rowsOf(3).length, routes.isTruncated]).toEqual([9, false]);
  });
});
