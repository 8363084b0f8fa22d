import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/common/json.js';
import { describeWith, program, root } from '../needs.js';
import { eventually, governed, Lab, type WatchedAgent } from './lab.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000 });

interface IpRoute {
  readonly dst: string;
  readonly table?: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly metric?: number;
  readonly type?: string;
  readonly nexthops?: readonly { readonly dev: string; readonly gateway?: string }[];
}

describeWith(
  [root, program('ip'), program('bridge'), program('ethtool'), program('unshare'), program('nsenter')],
  'an agent and the tables of a real kernel',
  () => {
    let lab: Lab;
    beforeEach(() => {
      lab = new Lab();
      lab.addNamespace('blue');
      lab.ipIn('blue', 'link set lo up');
      lab.ipIn('blue', 'link add cable type veth peer name plug');
    });
    afterEach(() => lab.close());

    const inBlue = (...command: string[]): string =>
      execFileSync('nsenter', [`--net=${lab.path('blue')}`, ...command], { encoding: 'utf8', maxBuffer: 1 << 28 });
    const up = (): void => {
      for (const link of ['cable', 'plug']) lab.ipIn('blue', `link set ${link} up`);
      lab.ipIn('blue', 'address add 10.7.0.1/24 dev cable');
    };
    const rows = (agent: WatchedAgent, link: string, table: string): JsonObject[] =>
      Array.from(agent.link(link, 'blue')?.tables?.[table]?.entries() ?? [], ([, row]) => row);

    /** What both see of every route, in one form: table, destination, type, and each next hop with its link. */
    function seenByIp(): string[] {
      const seen: string[] = [];
      const main: Readonly<Record<string, number>> = { main: 254, local: 255, default: 253 };
      for (const family of ['-4', '-6']) {
        const routes = JSON.parse(inBlue('ip', '-j', '-N', family, 'route', 'show', 'table', 'all')) as IpRoute[];
        for (const { dst, table = 'main', dev, gateway = '', metric = 0, type = 'unicast', nexthops } of routes) {
          const bits = family === '-4' ? 32 : 128;
          const whole = dst === 'default' ? (family === '-4' ? '0.0.0.0/0' : '::/0') : dst.includes('/') ? dst : `${dst}/${bits}`;
          const hops = nexthops ?? (dev === undefined ? [] : [{ dev, gateway }]);
          const places = hops.length === 0 ? ['lo'] : [...new Set(hops.map((hop) => hop.dev))];
          const via = hops
            .map((hop) => `${hop.gateway ?? ''}@${hop.dev}`)
            .sort()
            .join();
          const kind = /^\d+$/.test(type) ? Number(type) : type;
          for (const place of places) seen.push(`${place} ${main[table] ?? table} ${whole} ${kindName(kind)} ${metric} ${via}`);
        }
      }
      return seen.sort();
    }

    const KINDS = ['unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole'];
    const kindName = (kind: string | number): string => (typeof kind === 'number' ? KINDS[kind]! : kind);

    function seenByAgent(agent: WatchedAgent): string[] {
      const links = agent.within('blue').filter(({ metadata }) => metadata.Type !== 'netns');
      const names = new Map(links.map(({ metadata }) => [metadata.IfIndex, String(metadata.Name)]));
      return links
        .flatMap(({ metadata, tables }) =>
          Array.from(tables?.RoutingTables?.entries() ?? [], ([key, row]) => {
            const hops = row.NextHops as unknown as { IfIndex: number; IP?: string }[];
            const via = hops
              .map(({ IP = '', IfIndex }) => `${IP}@${names.get(IfIndex)}`)
              .sort()
              .join();
            // Its place in the key, because a route without next hops has none to hold it.
            const metric = key.split(' ')[3];
            return `${String(metadata.Name)} ${String(row.ID)} ${String(row.Prefix)} ${String(row.Type ?? 'unicast')} ${metric} ${via}`;
          }),
        )
        .sort();
    }

    /** What only one of the two sees, until there is nothing. */
    const agrees = async (agent: WatchedAgent): Promise<void> => {
      await eventually(
        () => {
          const [ours, theirs] = [new Set(seenByAgent(agent)), new Set(seenByIp())];
          const surplus = [...ours].filter((route) => !theirs.has(route)).map((route) => `- ${route}`);
          return [...surplus, ...[...theirs].filter((route) => !ours.has(route)).map((route) => `+ ${route}`)].slice(0, 20);
        },
        (differences) => differences.length === 0,
      );
    };

    it('shows routes of all tables that are there before it starts, and as they come', async () => {
      up();
      lab.ipIn('blue', 'route add 10.8.0.0/16 via 10.7.0.9 table 1000 metric 20');
      const agent = await lab.agent();
      expect(rows(agent, 'cable', 'RoutingTables')).toContainEqual({
        ID: 1000,
        Protocol: 3,
        Prefix: '10.8.0.0/16',
        NextHops: [{ Priority: 20, IP: '10.7.0.9', IfIndex: agent.link('cable', 'blue')!.metadata.IfIndex }],
      });
      await agrees(agent);
      const commands = [
        'route add 10.9.0.0/16 via 10.7.0.9 table 2 proto static',
        'route add default via 10.7.0.9',
        'route add blackhole 10.99.0.0/16',
        'route add 10.66.0.0/16 metric 5 nexthop via 10.7.0.9 nexthop via 10.7.0.10 weight 3',
        'route append 10.9.0.0/16 via 10.7.0.10 table 2',
        'route replace 10.8.0.0/16 via 10.7.0.11 table 1000 metric 20',
        'address add fd07::1/64 dev cable nodad',
        'address add fd08::1/64 dev plug nodad',
        'route add fd66::/64 via fd07::9 metric 7',
        'route append fd66::/64 via fd08::9 metric 7',
        'route add fd67::/64 nexthop via fd07::9 dev cable nexthop via fd07::10 dev cable',
        'nexthop add id 7 via 10.7.0.12 dev cable',
        'route add 10.67.0.0/16 nhid 7',
      ];
      for (const command of commands) lab.ipIn('blue', command);
      await agrees(agent);
      const ends = [
        'route del fd66::/64 via fd07::9 metric 7',
        'route del 10.9.0.0/16 via 10.7.0.9 table 2',
        'route del 10.66.0.0/16 metric 5',
        'nexthop del id 7',
        'address del 10.7.0.1/24 dev cable',
      ];
      for (const command of ends) lab.ipIn('blue', command);
      await agrees(agent);
    });

    it('hears of what IPv4 does not tell: routes that end with a link that goes down or away', async () => {
      up();
      lab.ipIn('blue', 'link add other type bridge');
      lab.ipIn('blue', 'link set other up');
      lab.ipIn('blue', 'address add 10.20.0.1/24 dev other');
      lab.ipIn('blue', 'route add 10.8.0.0/16 via 10.7.0.9');
      lab.ipIn('blue', 'route add 10.21.0.0/16 dev other src 10.7.0.1');
      const agent = await lab.agent();
      await agrees(agent);
      lab.ipIn('blue', 'address del 10.7.0.1/24 dev cable');
      await agrees(agent);
      lab.ipIn('blue', 'link set other down');
      await agrees(agent);
      lab.ipIn('blue', 'link set other up');
      await agrees(agent);
      lab.ipIn('blue', 'link del cable');
      await agrees(agent);
    });

    it('counts routes of daemons, and shows them where that is wanted', async () => {
      up();
      const add = Array.from({ length: 50 }, (_, index) => `route add 10.30.${index}.0/24 via 10.7.0.9 proto bgp`);
      lab.ipBatch('blue', add);
      const agent = await lab.agent();
      const cable = agent.link('cable', 'blue')!;
      expect(rows(agent, 'cable', 'RoutingTables').some(({ Protocol }) => Protocol === 186)).toBe(false);
      lab.ipIn('blue', 'route del 10.30.7.0/24 proto bgp');
      const measured = await eventually(
        () => agent.measurements(cable.id) as { RouteCounts?: Record<string, { bgp: number }> } | undefined,
        ({ RouteCounts }) => RouteCounts?.['254']?.bgp === 49,
      );
      expect(measured.RouteCounts).toEqual({ 254: { bgp: 49 } });
      await agent.running.stop();
      const full = await lab.agent({ netlink: { metricsInterval: 60_000, routes: 'all', statistics: 'none' } });
      expect(rows(full, 'cable', 'RoutingTables').filter(({ Protocol }) => Protocol === 186)).toHaveLength(49);
    });

    it('shows 20,000 rows of a table and says how many there are', async () => {
      up();
      const agent = await lab.agent();
      const add: string[] = [];
      for (let index = 0; index < 20_500; index++) add.push(`route add 11.${index >> 8}.${index & 255}.0/24 via 10.7.0.9 table 5`);
      lab.ipBatch('blue', add);
      const total = 20_500 + 5 + 1;
      await eventually(
        () => agent.link('cable', 'blue')?.metadata.Truncated as { RoutingTables?: number } | undefined,
        ({ RoutingTables }) => RoutingTables! > 20_500 && RoutingTables! <= total,
      );
      await eventually(
        () => rows(agent, 'cable', 'RoutingTables').length,
        (length) => length === 20_000,
      );
      inBlue('ip', 'route', 'flush', 'table', '5');
      await agrees(agent);
      await eventually(
        () => agent.link('cable', 'blue'),
        ({ metadata }) => !('Truncated' in metadata),
      );
    });

    it('shows neighbours and what becomes of them, and their lively states as measurements', async () => {
      up();
      const agent = await lab.agent();
      lab.ipIn('blue', 'neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev cable');
      lab.ipIn('blue', 'neigh add fd07::9 lladdr 02:00:00:00:00:0a dev cable nud reachable');
      const find = (IP: string) => rows(agent, 'cable', 'Neighbors').find((row) => row.IP === IP);
      const IfIndex = agent.link('cable', 'blue')!.metadata.IfIndex!;
      await eventually(() => find('fd07::9'));
      expect(find('10.7.0.9')).toEqual({ IP: '10.7.0.9', MAC: '02:00:00:00:00:09', State: ['NUD_PERMANENT'], Flags: [], IfIndex });
      await governed();
      const before = agent.link('cable', 'blue')!;
      const rowsBefore = before.tables!.Neighbors;
      lab.ipIn('blue', 'neigh replace fd07::9 lladdr 02:00:00:00:00:0a dev cable nud stale');
      await eventually(
        () => agent.measurements(before.id) as unknown as { Neighbors?: JsonObject } | undefined,
        ({ Neighbors }) => JSON.stringify(Neighbors?.['fd07::9']) === '{"State":["NUD_STALE"]}',
      );
      // The link may have another revision for other reasons: not one of its neighbours has changed.
      expect(agent.link('cable', 'blue')!.tables!.Neighbors).toBe(rowsBefore);
      lab.ipIn('blue', 'neigh replace fd07::9 lladdr 02:00:00:00:00:0b dev cable nud stale');
      await eventually(
        () => find('fd07::9'),
        ({ MAC }) => MAC === '02:00:00:00:00:0b',
      );
      lab.ipIn('blue', 'neigh del 10.7.0.9 dev cable');
      await eventually(
        () => rows(agent, 'cable', 'Neighbors'),
        (all) => all.every(({ IP }) => IP !== '10.7.0.9'),
      );
    });

    it('shows forwarding entries of bridges and tunnels', async () => {
      const agent = await lab.agent();
      lab.ipIn('blue', 'link add switch type bridge');
      lab.ipIn('blue', 'link set plug master switch');
      lab.ipIn('blue', 'link add vx type vxlan id 42 dstport 4789 local 10.0.0.1');
      inBlue('bridge', 'fdb', 'add', '02:00:00:00:00:98', 'dev', 'plug', 'master', 'static');
      inBlue('bridge', 'fdb', 'append', '00:00:00:00:00:00', 'dev', 'vx', 'dst', '10.0.0.2');
      inBlue('bridge', 'fdb', 'append', '00:00:00:00:00:00', 'dev', 'vx', 'dst', '10.0.0.3');
      await eventually(
        () => rows(agent, 'plug', 'FDB'),
        (all) => all.some(({ MAC }) => MAC === '02:00:00:00:00:98'),
      );
      await eventually(
        () => rows(agent, 'vx', 'FDB').map(({ MAC, IP }) => `${String(MAC)} ${String(IP)}`),
        (all) => all.length === 2 && all.includes('00:00:00:00:00:00 10.0.0.2') && all.includes('00:00:00:00:00:00 10.0.0.3'),
      );
      inBlue('bridge', 'fdb', 'del', '02:00:00:00:00:98', 'dev', 'plug', 'master');
      await eventually(
        () => rows(agent, 'plug', 'FDB'),
        (all) => all.every(({ MAC }) => MAC !== '02:00:00:00:00:98'),
      );
      const ofIp = () =>
        (JSON.parse(inBlue('bridge', '-j', 'fdb')) as { mac: string; ifname: string; dst?: string; vlan?: number; flags: string[] }[])
          .map(({ mac, ifname, dst = '', vlan = '', flags }) => `${ifname} ${mac} ${dst} ${vlan} ${flags.includes('self') ? 'self' : ''}`)
          .sort();
      const ofAgent = () =>
        ['cable', 'plug', 'switch', 'vx', 'lo']
          .flatMap((name) =>
            rows(agent, name, 'FDB').map(
              ({ MAC, IP = '', Vlan = '', Flags }) =>
                `${name} ${String(MAC)} ${String(IP)} ${String(Vlan)} ${(Flags as string[]).includes('NTF_SELF') ? 'self' : ''}`,
            ),
          )
          .sort();
      await eventually(
        () => [ofAgent(), ofIp()],
        ([ours, theirs]) => JSON.stringify(ours) === JSON.stringify(theirs),
      );
    });

    it('shows the features of a bridge, as ethtool has them, and hears when one is switched', async () => {
      const agent = await lab.agent();
      lab.ipIn('blue', 'link add switch type bridge');
      const bridge = await eventually(() => agent.link('switch', 'blue'));
      expect(bridge.metadata.Features).toMatchObject({ highdma: true });
      expect(bridge.metadata.BusInfo).toBeTypeOf('string');
      inBlue('ethtool', '-K', 'switch', 'gro', 'off');
      await eventually(
        () => agent.link('switch', 'blue')!.metadata.Features as JsonObject,
        (features) => features['rx-gro'] === false,
      );
      expect(agent.link('lo', 'blue')!.metadata).not.toHaveProperty('Features');
    });

    it('moves a link with a clean table: what it had belonged to the other namespace', async () => {
      up();
      lab.addNamespace('red');
      const agent = await lab.agent();
      const before = await eventually(
        () => agent.link('cable', 'blue'),
        ({ tables }) => tables?.RoutingTables !== undefined,
      );
      lab.ipIn('blue', `link set cable netns ${lab.path('red')}`);
      const after = await eventually(() => agent.link('cable', 'red'));
      expect(after.id).toBe(before.id);
      await eventually(
        () => agent.link('cable', 'red'),
        ({ tables }) => (tables?.RoutingTables?.size ?? 0) === 0,
      );
    });

    it('survives a namespace that goes with a route of several links', async () => {
      up();
      lab.ipIn('blue', 'address add 10.8.0.1/24 dev plug');
      lab.ipIn('blue', 'route add 10.66.0.0/16 nexthop via 10.7.0.9 nexthop via 10.8.0.9');
      const agent = await lab.agent();
      expect(rows(agent, 'plug', 'RoutingTables').some(({ Prefix }) => Prefix === '10.66.0.0/16')).toBe(true);
      lab.removeNamespace('blue');
      await eventually(
        () => [agent.namespace('blue')],
        ([node]) => node === undefined,
      );
      expect(agent.running.probes().find(({ name }) => name === 'netlink')).toMatchObject({ state: 'RUNNING' });
    });

    it('agrees with the kernel after 100,000 routes in one batch while links change', async () => {
      const dev = ['da', 'db', 'dc', 'dd', 'de', 'df'];
      for (const name of dev) {
        lab.ipIn('blue', `link add ${name} type bridge`);
        lab.ipIn('blue', `link set ${name} up`);
      }
      const agent = await lab.agent();
      const batch: string[] = [];
      for (let index = 0; index < 100_000; index++) {
        batch.push(
          `route add 11.${index >> 14}.${(index >> 6) & 255}.${(index & 63) * 4}/30 dev ${dev[index % dev.length]} table ${100 + (index % 7)}`,
        );
        if (index % 1_000 === 0) batch.push(`link add churn${index} type bridge`);
        if (index % 1_000 === 500) batch.push(`link del churn${index - 500}`);
        if (index % 9 === 8)
          batch.push(
            `route del 11.${index >> 14}.${(index >> 6) & 255}.${(index & 63) * 4}/30 dev ${dev[index % dev.length]} table ${100 + (index % 7)}`,
          );
      }
      await lab.ipBatchBeside('blue', batch);
      // Looking is slow, and the agent works in this thread too: first only the number of rows.
      const total = seenByIp().length;
      const shown = (): number => agent.within('blue').reduce((sum, { tables }) => sum + (tables?.RoutingTables?.size ?? 0), 0);
      await eventually(shown, (count) => count === total);
      await agrees(agent);
      const expected = lab.linkNames('blue').sort();
      const names = agent.within('blue').flatMap(({ metadata }) => (metadata.Type === 'netns' ? [] : [String(metadata.Name)]));
      expect(names.sort()).toEqual(expected);
    });
  },
);
