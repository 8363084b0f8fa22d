import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { data, eventually } from './graphqlOverHttp.js';
import { ip, Network, uniquePrefix } from './network.js';

interface Picture {
  readonly nodes: {
    readonly nodes: readonly { readonly id: string; readonly host: string; readonly name: string; readonly createdAt: string }[];
  };
}
interface Removals {
  readonly changes: { readonly nodes: readonly { readonly op: string }[] };
}

const PICTURE = '{ nodes(first: 1000) { nodes { id host name createdAt } } }';
const CHANGES =
  'query ($from: DateTime!) { changes(between: {from: $from}, first: 1000) { nodes { op at reason element { __typename } } } }';

/** One analyzer on a bridge-less cable: a namespace in the middle, an agent's host at either side. */
describeWith([root, program('ip')], 'two agents in two namespaces and one analyzer', () => {
  let network: Network;
  let prefix: string;
  let folder: string;
  let processes: CanopyProcess[];
  beforeEach(() => {
    network = new Network();
    prefix = uniquePrefix();
    folder = mkdtempSync(join(tmpdir(), 'canopy-agents-'));
    processes = [];
    for (const [index, side] of ['a', 'b'].entries()) {
      const name = network.addNamespace(`${prefix}${side}`);
      network.addLink(`${prefix}${side}0`, 'type', 'veth', 'peer', 'name', 'up0', 'netns', name);
      ip('address', 'add', `10.221.${index}.1/24`, 'dev', `${prefix}${side}0`);
      ip('link', 'set', `${prefix}${side}0`, 'up');
      ip('-n', name, 'address', 'add', `10.221.${index}.2/24`, 'dev', 'up0');
      ip('-n', name, 'link', 'set', 'up0', 'up');
    }
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.end('SIGKILL')));
    network.clear();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (...launching: Parameters<typeof launch>) => {
    const process = await launch(...launching);
    processes.push(process);
    return process;
  };
  const startAnalyzer = (port = 0) =>
    start(['analyzer', '--listen', `0.0.0.0:${port}`, '--insecure', '--data-dir', join(folder, 'analyzer')]);
  const startAgent = (side: 'a' | 'b', port: string) =>
    start(['agent', '--analyzer', `http://10.221.${side === 'a' ? 0 : 1}.1:${port}`, '--data-dir', join(folder, side)], {
      namespace: `${prefix}${side}`,
      env: { CANOPY_AGENT_HOST_ID: `host-${side}`, CANOPY_AGENT_NETNS_RUN_PATHS: '', CANOPY_AGENT_NETNS_PROCESSES: 'false' },
      ready: /^canopy agent ready/,
    });
  const picture = async (url: string) => (await data<Picture>(url, PICTURE)).nodes.nodes;
  const uplinks = (nodes: Picture['nodes']['nodes']) => nodes.filter(({ name }) => name === 'up0').map(({ host }) => host);
  const local = ({ url }: CanopyProcess) => url.replace('0.0.0.0', '127.0.0.1');

  it('come together in one graph, and neither kill nor restart of anyone leaves a scar', async () => {
    let analyzer = await startAnalyzer();
    const port = new URL(analyzer.url).port;
    let agentA = await startAgent('a', port);
    await startAgent('b', port);
    const whole = await eventually(
      () => picture(local(analyzer)),
      (nodes) => uplinks(nodes).sort().join() === 'host-a,host-b',
    );
    const from = new Date().toISOString();

    await agentA.end('SIGKILL');
    agentA = await startAgent('a', port);
    await analyzer.end('SIGKILL');
    analyzer = await startAnalyzer(Number(port));
    await eventually(
      async () => (await data<{ agents: { state: string }[] }>(local(analyzer), '{ agents { state } }')).agents,
      (agents) => agents.length === 2 && agents.every(({ state }) => state === 'CONNECTED'),
    );

    const identity = (nodes: Picture['nodes']['nodes']) => nodes.map(({ id, createdAt }) => `${id} ${createdAt}`).sort();
    expect(identity(await picture(local(analyzer)))).toEqual(identity(whole));
    const { changes } = await data<Removals>(local(analyzer), CHANGES, { from });
    expect(changes.nodes.filter(({ op }) => op !== 'UPDATED')).toEqual([]);
  });
});
