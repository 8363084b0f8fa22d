import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/common/config/file.js';
import { KEYS, type ConfigPath } from '../../src/common/config/keys.js';
import type { KeyFate } from '../../src/cli/import/configuration.js';
import { OLD_KEYS } from '../../src/cli/import/oldKeys.js';
import { run } from '../../src/cli/run.js';
import { openRig, type Rig } from '../server/rig.js';
import { recordTerminal } from './terminal.js';

const OLD = `host_id: web-1
analyzers: [10.0.0.1:8082, 10.0.0.2:8082]
analyzer:
  listen: 0.0.0.0:8082
  topology: { backend: elasticsearch }
agent:
  topology:
    probes: [ovsdb, docker, netlink]
    netlink: { metrics_update: 10 }
    netns: { run_path: /var/run/netns }
    docker: { netns: { run_path: /var/run/docker/netns } }
  metadata: { rack: b7 }
  metadata_config: { files: [{ name: site, path: /etc/site.yml, type: yaml, selector: where }] }
flow:
  expire: 600
  application_ports: { tcp: { 443: https }, udp: { 1194: openvpn } }
  application_timeout: { dns: 10 }
logging: { level: WARNING }
etcd: { servers: [10.0.0.3:2379] }
ui: { theme: dark }
nonsense: 1
`;

let folder: string;
let rig: Rig;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'canopy-import-'));
  rig = await openRig();
});
afterAll(async () => {
  await rig.close();
  rmSync(folder, { recursive: true });
});

async function bring(text: string, ...more: string[]) {
  const file = join(folder, 'old');
  writeFileSync(file, text);
  const terminal = recordTerminal();
  const code = await run(['import', file, '--analyzer', rig.url, ...more], terminal);
  return { code, answers: terminal.answers, messages: terminal.messages };
}

describe('canopy import of a configuration', () => {
  it('translates each key, and says what became of it', async () => {
    const { code, answers, messages } = await bring(OLD);
    expect(code).toBe(0);
    expect(parse(answers)).toEqual({
      listen: '0.0.0.0:8082',
      analyzer: 'http://10.0.0.1:8082',
      logLevel: 'warn',
      agent: {
        hostId: 'web-1',
        probes: ['host', 'netlink', 'netns', 'ovsdb'],
        netlink: { metricsInterval: '10s' },
        netns: { runPaths: ['/var/run/netns', '/var/run/docker/netns'] },
        metadata: { rack: 'b7' },
        metadataFiles: { site: { path: '/etc/site.yml', type: 'yaml', selector: 'where' } },
        flow: { expire: '600s', applicationPorts: { '443/tcp': 'HTTPS', '1194/udp': 'OPENVPN' }, applicationTimeouts: { dns: '10s' } },
      },
      registry: { etcd: { endpoints: ['http://10.0.0.3:2379'] } },
    });
    expect(messages).toMatch(/analyzers +changed +analyzer/);
    expect(messages).toMatch(/analyzer\.topology\.backend +dropped/);
    expect(messages).toMatch(/ui\.theme +dropped/);
    expect(messages).toMatch(/nonsense +dropped +not a key of Skydive's/);
  });

  it('knows every key that there was, and says of each that it leaves out why', async () => {
    const every = readFileSync(new URL('everyKey.yml', import.meta.url), 'utf8');
    const { answers } = await bring(every, '-o', 'json');
    const { keys, configuration } = JSON.parse(answers) as { keys: KeyFate[]; configuration: Record<string, unknown> };
    expect(keys.length).toBeGreaterThan(150);
    for (const { key, fate, to, why } of keys) {
      expect(why, key).not.toContain("not a key of Skydive's");
      expect(why, key).not.toContain('is not valid there');
      if (fate !== 'taken') expect(why, key).not.toBe('');
      if (fate !== 'dropped') expect(KEYS, key).toHaveProperty([to!]);
    }
    expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
    expect(keys.find(({ key }) => key === 'ui.bpf.favorites')).toMatchObject({ fate: 'dropped' });
    expect(configuration).toMatchObject({ listen: ':8082', auth: { usersFile: '/etc/skydive/skydive.htpasswd', defaultRole: 'admin' } });
    const { problems } = await parseConfig((await bring(every)).answers, 'canopy.yaml');
    expect(problems).toEqual([]);
  });

  it.each([
    ['mybasic', { usersFile: '/etc/htpasswd', defaultRole: 'guest' }, /auth\.mykey\.auth_url +dropped +.*does not name mykey/],
    [
      'mykey',
      { keystone: { url: 'http://10.0.0.1:5000/v3', project: 'ops', domain: 'Default', defaultRole: 'admin' } },
      /auth\.mybasic\.file +dropped/,
    ],
    ['noauth', undefined, /auth\.mybasic\.file +dropped/],
  ])('takes users from where they were: %s', async (backend, auth, dropped) => {
    const sections = `auth:
  mybasic: { type: basic, file: /etc/htpasswd, role: guest, users: { admin: secret } }
  mykey: { type: keystone, auth_url: 'http://10.0.0.1:5000/v3', tenant_name: ops, domain_name: Default, role: admin }
`;
    const { answers, messages } = await bring(`analyzer: { auth: { api: { backend: ${backend} } } }\n${sections}`);
    expect(parse(answers)).toEqual(auth === undefined ? {} : { auth });
    expect(messages).toMatch(dropped);
    expect(answers + messages).not.toContain('secret');
  });

  it('writes what canopy reads', async () => {
    const { problems } = await parseConfig((await bring(OLD)).answers, 'canopy.yaml');
    expect(problems).toEqual([]);
  });

  it('says what of a value is not valid', async () => {
    const { answers, messages } = await bring('agent: { listen: "0.0.0.0:8081" }\nflow: { max_entries: many }\n');
    expect(answers).toBe('{}\n');
    expect(messages).toMatch(/flow\.max_entries +dropped +agent\.flow\.maxFlows +"many" is not valid there/);
  });

  it('is JSON for machines', async () => {
    expect(JSON.parse((await bring('host_id: a\n', '-o', 'json')).answers)).toEqual({
      configuration: { agent: { hostId: 'a' } },
      keys: [{ key: 'host_id', fate: 'taken', to: 'agent.hostId', why: '' }],
    });
  });

  it.each([
    ['a: [', /neither YAML nor JSON/],
    ['7', /neither a configuration nor a topology/],
  ])('refuses %j', async (text, message) => {
    const { code, messages } = await bring(text);
    expect(code).toBe(2);
    expect(messages).toMatch(message);
  });

  it('leads only to keys that there are', () => {
    for (const rule of Object.values(OLD_KEYS)) if ('to' in rule) expect(KEYS).toHaveProperty([rule.to satisfies ConfigPath]);
  });
});

describe('canopy import of a topology', () => {
  const dump = {
    Nodes: [
      { ID: 'a', Host: 'h', Metadata: { Name: 'eth0', Type: 'device', MTU: 1500 } },
      { ID: 'b', Host: 'h', Metadata: { Name: 'br0', Type: 'bridge' } },
      { ID: 'bad', Metadata: {} },
    ],
    Edges: [
      { ID: 'ab', Parent: 'b', Child: 'a', Metadata: { RelationType: 'layer2' } },
      { ID: 'lost', Parent: 'b', Child: 'nobody', Metadata: { RelationType: 'layer2' } },
    ],
  };

  it.each([
    ['as GET /api/topology gives it', dump],
    ['as an export has it', [dump]],
  ])('publishes it %s, and names what it leaves out', async (_what, given) => {
    const { code, answers, messages } = await bring(JSON.stringify(given), '--origin', 'lab');
    expect(answers).toBe('2 nodes and 1 edges\n');
    expect(messages).toContain('left out: bad: a node needs');
    expect(messages).toContain('left out: lost: an edge needs');
    expect(code).toBe(5);
    const found = await fetch(`${rig.url}/api/topology`, {
      method: 'POST',
      body: JSON.stringify({ GremlinQuery: "G.V().Has('@Origin', 'lab').Values('Name')" }),
    });
    expect(((await found.json()) as string[]).sort()).toEqual(['br0', 'eth0']);
  });

  it('brings what can be brought: dotted keys as objects in objects, and all but the elements that are refused', async () => {
    const post = (path: string, body: object): Promise<Response> =>
      fetch(`${rig.url}/api/${path}`, { method: 'POST', body: JSON.stringify(body) });
    await post('node', { ID: 'taken', Metadata: { Name: 'taken', Type: 'device' } });
    const { code, answers, messages } = await bring(
      JSON.stringify({
        Nodes: [
          { ID: 'taken', Metadata: { Name: 'mine', Type: 'device' } },
          {
            ID: 'dotted',
            Metadata: {
              Name: 'dotted',
              Type: 'host',
              KernelCmdLine: { 'random.trust_cpu': 'off', quiet: true, 'quiet.too': 1 },
              Labels: [{ 'app.kubernetes.io/name': 'web' }],
            },
          },
        ],
        Edges: [{ ID: 'none', Parent: 'dotted', Child: 'taken', Metadata: { RelationType: 'layer2' } }],
      }),
      '--origin',
      'dots',
    );
    expect([code, answers]).toEqual([5, '1 nodes and 0 edges\n']);
    expect(messages).toMatch(/left out: taken: .*belongs to the origin/);
    expect(messages).toContain('left out: none: an edge needs');
    const found = await post('topology', { GremlinQuery: "G.V('dotted').ValueMap('KernelCmdLine', 'Labels')" });
    expect(await found.json()).toEqual([
      {
        KernelCmdLine: { random: { trust_cpu: 'off' }, quiet: true, 'quiet-too': 1 },
        Labels: [{ app: { kubernetes: { 'io/name': 'web' } } }],
      },
    ]);
  });

  it('throws what is wrong with all of it', async () => {
    await fetch(`${rig.url}/api/node`, { method: 'POST', body: '{"ID":"theirs","Metadata":{"Name":"theirs","Type":"device"}}' });
    const { code, messages } = await bring('{"Nodes": [{"ID": "theirs", "Metadata": {"Name": "a", "Type": "b"}}], "Edges": null}');
    expect(code).not.toBe(0);
    expect(messages).toContain('belongs to the origin');
  });

  it('refuses one with nothing in it', async () => {
    const { code, messages } = await bring('{"Nodes": [], "Edges": []}');
    expect(code).toBe(2);
    expect(messages).toContain('no node in the dump');
  });
});
