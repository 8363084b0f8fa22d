import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { configWith } from '../../src/common/config/load.js';
import { silentLog, type Log } from '../../src/common/log.js';
import { startAnalyzer, type RunningAnalyzer } from '../../src/server/analyzer.js';
import { Lab, pause, type WatchedAgent } from '../agent/lab.js';
import { describeWith, program, root } from '../needs.js';
import { data, eventually } from './graphqlOverHttp.js';

/** Seconds of changes: a minute in CI, a few elsewhere, any number by `CANOPY_CHURN_SECONDS`. */
const SECONDS = Number(process.env.CANOPY_CHURN_SECONDS ?? (process.env.CANOPY_CI === '1' ? 60 : 6));
// Processes, namespaces and a real kernel: slow on a machine that does other things too.
vi.setConfig({ testTimeout: 180_000 + SECONDS * 2_000 });

/** Links made in each second, and as many removed, where the kernel is as fast as that. */
const LINKS_PER_SECOND = 100;
const PORTIONS_PER_SECOND = 10;
const LINKS_PER_PORTION = LINKS_PER_SECOND / PORTIONS_PER_SECOND;
/** Portions after which links go: half a second. */
const PORTIONS_OF_A_LIFE = PORTIONS_PER_SECOND / 2;
/** Each so many-th link stays. */
const STAYS = 30;

const LINKS = `query ($namespace: String!, $after: String) {
  nodes(filter: {within: {name: {eq: $namespace}}}, first: 1000, after: $after) {
    nodes { type ... on NetworkInterface { name ifIndex mac mtu flags } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Page {
  readonly nodes: {
    readonly nodes: readonly { type: string; name: string; ifIndex: number; mac: string | null; mtu: number; flags: string[] }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

describeWith([root, program('ip'), program('unshare'), program('nsenter')], 'links that come and go in a storm', () => {
  let lab: Lab;
  let analyzer: RunningAnalyzer;
  beforeEach(async () => {
    lab = new Lab();
    analyzer = await startAnalyzer(configWith({ listen: '127.0.0.1:0', dataDir: lab.path('../data') }), {
      clock: systemClock,
      log: silentLog,
    });
    lab.analyzer = analyzer.url;
  });
  afterEach(async () => {
    await lab.close();
    await analyzer.stop();
  });

  interface IpLink {
    readonly ifname: string;
    readonly ifindex: number;
    readonly address?: string;
    readonly mtu: number;
    readonly flags: readonly string[];
  }
  const inOneForm = (name: unknown, ifIndex: unknown, mac: unknown, mtu: unknown, isUp: boolean): string =>
    [name, ifIndex, mac ?? '', mtu, isUp ? 'UP' : 'DOWN'].map(String).join(' ');

  function byIp(namespace: string): string[] {
    const text = execFileSync('nsenter', [`--net=${lab.path(namespace)}`, 'ip', '-j', 'link'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return (JSON.parse(text) as IpLink[])
      .map(({ ifname, ifindex, address, mtu, flags }) =>
        inOneForm(ifname, ifindex, address === '00:00:00:00:00:00' ? '' : address, mtu, flags.includes('UP')),
      )
      .sort();
  }

  const byAgent = (agent: WatchedAgent, namespace: string): string[] =>
    agent
      .within(namespace)
      .filter(({ metadata }) => metadata.Type !== 'netns')
      .map(({ metadata: { Name, IfIndex, MAC, MTU, LinkFlags } }) =>
        inOneForm(Name, IfIndex, MAC, MTU, (LinkFlags as unknown as string[]).includes('UP')),
      )
      .sort();

  async function byAnalyzer(namespace: string): Promise<string[]> {
    const links: string[] = [];
    for (let after: string | undefined; ;) {
      const { nodes } = await data<Page>(analyzer.url, LINKS, { namespace, after });
      for (const { type, name, ifIndex, mac, mtu, flags } of nodes.nodes) {
        if (type !== 'netns') links.push(inOneForm(name, ifIndex, mac, mtu, flags.includes('UP')));
      }
      if (!nodes.pageInfo.hasNextPage) return links.sort();
      after = nodes.pageInfo.endCursor;
    }
  }

  it('leave agent, analyzer and ip of one mind about every link, and no reading has failed', async () => {
    lab.addNamespace('blue');
    const errors: unknown[] = [];
    const log: Log = { ...silentLog, error: (...said: unknown[]) => void errors.push(said) };
    const agent = await lab.agent({}, log);
    let number = 0;
    const until = performance.now() + SECONDS * 1_000;
    for (let portion = 0; performance.now() < until; portion++) {
      const from = performance.now();
      const commands: string[] = [];
      for (let link = 0; link < LINKS_PER_PORTION; link++, number++) {
        const name = `c${number}`;
        // The kernel takes away the links of every other portion in one go: faster, and told in one burst.
        const group = number % STAYS === 0 || !goesAtOnce(portion) ? '' : ` group ${groupOf(portion)}`;
        commands.push(`link add ${name}${group} ${number % 3 === 0 ? `type veth peer name p${number}` : 'type bridge'}`);
        commands.push(`link set ${name} up`);
        if (number % 4 === 0) commands.push(`address add 10.${(number >> 8) & 255}.${number & 255}.1/24 dev ${name}`);
        if (number % 5 === 0) commands.push(`link set ${name} mtu 1300 address 02:00:00:00:${hex(number >> 8)}:${hex(number)}`);
      }
      commands.push(...removal(portion - PORTIONS_OF_A_LIFE));
      await lab.ipBatchBeside('blue', commands);
      await pause(Math.max(0, 1_000 / PORTIONS_PER_SECOND - (performance.now() - from)));
    }
    const expected = byIp('blue');
    const limit = 60_000;
    await eventually(
      () => Promise.resolve(byAgent(agent, 'blue')),
      (seen) => seen.join('\n') === expected.join('\n'),
      limit,
    );
    await eventually(
      () => byAnalyzer('blue'),
      (seen) => seen.join('\n') === expected.join('\n'),
      limit,
    );
    expect(byIp('blue')).toEqual(expected);
    expect(errors).toEqual([]);
    expect(agent.running.probes().find(({ name }) => name === 'netlink')).toMatchObject({ state: 'RUNNING' });
  });
});

const goesAtOnce = (portion: number): boolean => portion % 2 === 0;
/** Links are of group 0 unless they are told otherwise. */
const groupOf = (portion: number): number => portion + 1;

/** What takes away the links of a portion but those that stay. */
function removal(portion: number): string[] {
  if (portion < 0) return [];
  if (goesAtOnce(portion)) return [`link del group ${groupOf(portion)}`];
  const links = Array.from({ length: LINKS_PER_PORTION }, (_, link) => portion * LINKS_PER_PORTION + link);
  return links.filter((number) => number % STAYS !== 0).map((number) => `link del c${number}`);
}

const hex = (byte: number): string => (byte & 255).toString(16).padStart(2, '0');
