import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWith, program, root } from '../needs.js';
import { type CanopyProcess, launch } from './canopyProcess.js';
import { data, eventually } from './graphqlOverHttp.js';
import { ip, Network, uniquePrefix } from './network.js';

interface Link {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly state: string;
  readonly createdAt: string;
  readonly namespace: { readonly name: string } | null;
  readonly peer: { readonly name: string; readonly namespace: { readonly name: string } | null } | null;
  readonly master: { readonly name: string } | null;
  readonly addresses: readonly string[];
}

const LINKS = `query ($name: String!, $at: DateTime) {
  nodes(filter: {name: {startsWith: $name}}, at: $at, first: 1000) { nodes { id name type state createdAt
    ... on NetworkInterface { addresses namespace { name } peer { name namespace { name } } master { name } } } }
}`;

describeWith([root, program('ip')], 'a running agent on a real host', () => {
  const prefix = uniquePrefix();
  const network = new Network();
  let dataDir: string;
  let canopy: CanopyProcess;
  const links = async (at?: string) => (await data<{ nodes: { nodes: Link[] } }>(canopy.url, LINKS, { name: prefix, at })).nodes.nodes;
  const link = async (name: string) => (await links()).find((candidate) => candidate.name === `${prefix}${name}`);
  const settled = (name: string, satisfies: (found: Link | undefined) => boolean) => eventually(() => link(name), satisfies);

  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'canopy-links-'));
    network.addNamespace(`${prefix}old`);
    canopy = await launch(['allinone', '--listen', '127.0.0.1:0', '--data-dir', dataDir]);
  });
  afterAll(async () => {
    await canopy?.end('SIGKILL');
    network.clear();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('shows what was there before it started', async () => {
    const lo = await data<{ nodes: { nodes: { type: string }[] } }>(
      canopy.url,
      `{ nodes(filter: {name: {eq: "lo"}, within: {name: {eq: "${prefix}old"}}}) { nodes { type } } }`,
    );
    expect((await settled('old', (found) => found !== undefined))?.type).toBe('netns');
    expect(lo.nodes.nodes.length).toBeLessThanOrEqual(1);
  });

  it('shows a bridge, its member, and forgets the master when the member leaves', async () => {
    network.addLink(`${prefix}b`, 'type', 'bridge');
    network.addLink(`${prefix}v`, 'type', 'veth', 'peer', 'name', `${prefix}w`);
    ip('link', 'set', `${prefix}v`, 'master', `${prefix}b`);
    expect((await settled('v', (found) => Boolean(found?.master)))?.master?.name).toBe(`${prefix}b`);
    ip('link', 'set', `${prefix}v`, 'nomaster');
    await settled('v', (found) => found?.master === null);
  });

  it('joins the ends of a veth pair across namespaces, also with equal indexes', async () => {
    const [a, b] = [network.addNamespace(`${prefix}n1`), network.addNamespace(`${prefix}n2`)];
    ip('-n', a, 'link', 'add', `${prefix}p1`, 'index', '77', 'type', 'veth', 'peer', 'name', `${prefix}p2`, 'index', '77', 'netns', b);
    const end = await settled('p1', (found) => Boolean(found?.peer));
    expect(end?.peer).toMatchObject({ name: `${prefix}p2`, namespace: { name: b } });
    expect(end?.namespace?.name).toBe(a);
  });

  it('follows a rename, an address, a state and a move with one and the same node', async () => {
    const target = network.addNamespace(`${prefix}n3`);
    network.addLink(`${prefix}m`, 'type', 'veth', 'peer', 'name', `${prefix}k`);
    const before = await settled('m', (found) => found !== undefined);
    ip('link', 'set', `${prefix}m`, 'name', `${prefix}m2`);
    ip('address', 'add', '172.29.77.1/24', 'dev', `${prefix}m2`);
    const renamed = await settled('m2', (found) => found?.addresses.includes('172.29.77.1/24') === true);
    expect(renamed?.id).toBe(before?.id);
    ip('link', 'set', `${prefix}m2`, 'netns', target);
    const moved = await settled('m2', (found) => found?.namespace?.name === target);
    expect(moved).toMatchObject({ id: before?.id, createdAt: before?.createdAt });
  });

  it('answers for the past with what was there, and never changes that answer', async () => {
    network.addLink(`${prefix}t`, 'type', 'veth', 'peer', 'name', `${prefix}u`);
    await settled('t', (found) => found !== undefined);
    const then = (await data<{ topology: { at: string } }>(canopy.url, '{ topology(filter: {nodes: {type: {eq: "host"}}}) { at } }'))
      .topology.at;
    const picture = await links(then);
    network.removeLink(`${prefix}t`);
    await settled('t', (found) => found === undefined);
    expect(picture.map(({ name }) => name)).toContain(`${prefix}t`);
    expect(await links(then)).toEqual(picture);
    const diff = await data<{ topologyDiff: { removed: { nodes: { name?: string }[] } } }>(
      canopy.url,
      'query ($from: DateTime!) { topologyDiff(from: $from) { removed(first: 1000) { nodes { ... on NetworkInterface { name } } } } }',
      { from: then },
    );
    expect(diff.topologyDiff.removed.nodes.map(({ name }) => name)).toContain(`${prefix}t`);
  });

  it('lets a namespace go with everything in it', async () => {
    const name = network.addNamespace(`${prefix}g`);
    await settled('g', (found) => found !== undefined);
    network.removeNamespace(name);
    await settled('g', (found) => found === undefined);
    const rest = await data<{ nodes: { totalCount: number } }>(
      canopy.url,
      `{ nodes(filter: {within: {name: {eq: "${name}"}}}) { totalCount } }`,
    );
    expect(rest.nodes.totalCount).toBe(0);
  });
});

describe('names of test links', () => {
  it('fit into what the kernel allows', () => expect(`${uniquePrefix()}old`.length).toBeLessThanOrEqual(15));
});
