import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { configWith } from '../../src/common/config/load.js';
import { silentLog } from '../../src/common/log.js';
import { startAnalyzer, type RunningAnalyzer } from '../../src/server/analyzer.js';
import { Lab } from '../agent/lab.js';
import { describeWith, program, root } from '../needs.js';
import { data, eventually } from './graphqlOverHttp.js';

// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const TABLES = `query ($name: String!, $namespace: String!, $at: DateTime, $table: Int) {
  nodes(filter: {name: {eq: $name}, within: {name: {eq: $namespace}}}, at: $at, first: 1) { nodes { ... on NetworkInterface {
    features
    routes(table: $table, first: 100) { totalCount nodes { table prefix protocol nextHops { address ifIndex priority } } }
    neighborTable { nodes { address mac state } }
    forwardingTable { nodes { mac address vlan } }
    metadata(path: "RoutingTables")
  } } }
}`;

interface Tables {
  readonly features: Record<string, boolean> | null;
  readonly routes: {
    readonly totalCount: number;
    readonly nodes: readonly { table: number; prefix: string; nextHops: { address: string | null; priority: number | null }[] }[];
  };
  readonly neighborTable: { readonly nodes: readonly { address: string; mac: string; state: string[] }[] };
  readonly forwardingTable: { readonly nodes: readonly { mac: string; address: string | null }[] };
  readonly metadata: readonly { readonly ID: number; readonly Routes: readonly { readonly Prefix: string }[] }[] | null;
}

describeWith(
  [root, program('ip'), program('bridge'), program('unshare'), program('nsenter')],
  'tables of the kernel in the analyzer',
  () => {
    const lab = new Lab();
    let analyzer: RunningAnalyzer;
    beforeAll(async () => {
      analyzer = await startAnalyzer(configWith({ listen: '127.0.0.1:0', dataDir: lab.path('../data') }), {
        clock: systemClock,
        log: silentLog,
      });
      lab.analyzer = analyzer.url;
      lab.addNamespace('blue');
      lab.ipBatch('blue', [
        'link set lo up',
        'link add cable type veth peer name plug',
        'link set cable up',
        'link set plug up',
        'address add 10.7.0.1/24 dev cable',
      ]);
      await lab.agent();
    });
    afterAll(async () => {
      await lab.close();
      await analyzer.stop();
    });

    const inBlue = (...command: string[]): void =>
      void execFileSync('nsenter', [`--net=${lab.path('blue')}`, ...command], { stdio: ['ignore', 'ignore', 'pipe'] });
    const tables = async (name: string, more: { at?: string; table?: number } = {}): Promise<Tables | undefined> =>
      (await data<{ nodes: { nodes: Tables[] } }>(analyzer.url, TABLES, { name, namespace: 'blue', ...more })).nodes.nodes[0];
    const settled = (name: string, isGood: (found: Tables) => boolean): Promise<Tables> =>
      eventually(
        () => tables(name),
        (found) => found !== undefined && isGood(found),
      ) as Promise<Tables>;
    const now = async (): Promise<string> =>
      (await data<{ topology: { at: string } }>(analyzer.url, '{ topology(filter: {nodes: {type: {eq: "host"}}}) { at } }')).topology.at;

    it('shows routes of every table, keeps the past, and forgets what went', async () => {
      lab.ipIn('blue', 'route add 10.8.0.0/16 via 10.7.0.9 table 1000 metric 20');
      const found = await settled('cable', ({ routes }) => routes.nodes.some(({ prefix }) => prefix === '10.8.0.0/16'));
      expect(found.routes.nodes.find(({ prefix }) => prefix === '10.8.0.0/16')).toMatchObject({
        table: 1000,
        nextHops: [{ address: '10.7.0.9', priority: 20 }],
      });
      expect(found.metadata?.find(({ ID }) => ID === 1000)?.Routes.map(({ Prefix }) => Prefix)).toEqual(['10.8.0.0/16']);
      expect((await tables('cable', { table: 1000 }))?.routes.totalCount).toBe(1);
      const then = await now();
      lab.ipIn('blue', 'route del 10.8.0.0/16 via 10.7.0.9 table 1000 metric 20');
      await settled('cable', ({ routes }) => routes.nodes.every(({ table }) => table !== 1000));
      expect((await tables('cable', { at: then, table: 1000 }))?.routes.totalCount).toBe(1);
    });

    it('shows neighbours, and the state that they are in now', async () => {
      lab.ipIn('blue', 'neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev cable nud reachable');
      const of = ({ neighborTable }: Tables) => neighborTable.nodes.find(({ address }) => address === '10.7.0.9');
      expect(of(await settled('cable', (found) => of(found) !== undefined))).toMatchObject({ mac: '02:00:00:00:00:09' });
      lab.ipIn('blue', 'neigh replace 10.7.0.9 lladdr 02:00:00:00:00:09 dev cable nud stale');
      await settled('cable', (found) => of(found)?.state.join() === 'NUD_STALE');
      lab.ipIn('blue', 'neigh del 10.7.0.9 dev cable');
      await settled('cable', (found) => of(found) === undefined);
    });

    it('shows forwarding entries of a bridge and the features of its links', async () => {
      lab.ipIn('blue', 'link add name switch type bridge');
      lab.ipIn('blue', 'link set plug master switch');
      inBlue('bridge', 'fdb', 'add', '02:00:00:00:00:98', 'dev', 'plug', 'master', 'static');
      await settled('plug', ({ forwardingTable }) => forwardingTable.nodes.some(({ mac }) => mac === '02:00:00:00:00:98'));
      expect((await settled('switch', ({ features }) => features !== null)).features).toMatchObject({ highdma: true });
    });
  },
);
