import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOTHING_SEEN } from '../../../src/services/sight/sight.js';
import { scopesOf } from '../../../src/services/viewer.js';
import { openPolicy } from '../../../src/server/auth/policy.js';
import { printUsers, readUsers } from '../../../src/server/auth/users.js';
import { http, openRig, publish, type Rig } from '../rig.js';
import { folderWith } from './people.js';

const BLUE = { nodes: { metadata: [{ path: 'Tenant', string: { eq: 'blue' } }] } };
const open = (scopes: object, policy: readonly string[] = []) => openPolicy({ policy, model: {}, scopes: scopes as never });

describe('scopes of a configuration', () => {
  it.each([
    [{ a: { nodes: { metdata: [] } } }, /auth\.scopes\.a\.nodes.*metdata/],
    [{ a: { nodes: { host: { equals: 'x' } } } }, /auth\.scopes\.a\.nodes\.host/],
    [{ a: { nodes: {} } }, /at least one condition/],
    [{ a: { nodes: { within: { host: { eq: 'x' } } } } }, /without `within`/],
    [{ a: { node: {} } }, /auth\.scopes\.a\.node/],
    [{ a: {} }, /says nothing/],
    [{ 'a,b': BLUE }, /a name has/],
    [{ a: { hide: ['x..y'] } }, /no dotted path/],
    [{ a: { fields: ['Node.nothing'] } }, /no field 'Node.nothing'/],
  ])('say what is wrong in %j', async (scopes, reason) => {
    await expect(open(scopes)).rejects.toThrow(reason);
  });

  it('are given by lines of the policy to roles, also through others, and to users', async () => {
    const lines = ['s, tenant, blue', 'g, crew, tenant', 's, ben, hush'];
    const policy = await open({ blue: BLUE, hush: { hide: ['Secret'] } }, lines);
    const stampOf = (name: string, ...roles: string[]) => policy.viewer(name, roles).sight?.stamp;
    expect(stampOf('anna', 'reader')).toBeUndefined();
    expect(stampOf('anna', 'reader', 'crew')).toEqual({ nodes: ['blue'], hides: [] });
    expect(stampOf('ben', 'reader', 'tenant')).toEqual({ nodes: ['blue'], hides: ['hush'] });
    expect(policy.viewer('anna', ['tenant']).sight).toBe(policy.viewer('ina', ['crew']).sight);
    await expect(open({}, ['s, tenant, blue'])).rejects.toThrow(/no scope 'blue'/);
  });

  it('show nothing where one is named that is not there', async () => {
    const policy = await open({ blue: BLUE, hush: { hide: ['Secret'] } });
    expect(policy.viewer('anna', ['reader'], undefined, ['lost']).sight).toBe(NOTHING_SEEN);
    expect(policy.viewer('anna', ['reader'], undefined, ['lost', 'hush']).sight).toBe(NOTHING_SEEN);
    expect(policy.viewer('anna', ['reader'], undefined, ['lost', 'blue']).sight?.stamp.nodes).toEqual(['blue']);
    // As `viewer` says it.
    expect(scopesOf(policy.viewer('anna', ['reader'], undefined, ['hush', 'blue']))).toEqual(['blue', 'hush']);
    expect(scopesOf(policy.viewer('anna', ['reader'], undefined, ['lost']))).toEqual([]);
    expect(scopesOf(policy.viewer('anna', ['reader']))).toEqual([]);
  });

  it('take the rights away that go for everything', async () => {
    const policy = await open({ blue: BLUE, hush: { hide: ['Secret'] } });
    const [whole, part, hushed] = [[], ['blue'], ['hush']].map((scopes) => policy.viewer('anna', ['administrator'], undefined, scopes));
    const rights = (viewer = whole) => [
      viewer!.allows('metrics', 'read'),
      viewer!.allows('noderule', 'write'),
      viewer!.allows('node', 'write'),
    ];
    expect([rights(whole), rights(part), rights(hushed)]).toEqual([
      [true, true, true],
      [false, false, true],
      [true, false, true],
    ]);
    expect(new Set([whole!.rights, part!.rights, hushed!.rights]).size).toBe(3);
  });

  it('stand in the file of users', () => {
    const text = 'anna:$2b$04$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu:reader:blue,green\n';
    const users = readUsers(text, 'users');
    expect(users.get('anna')).toMatchObject({ roles: ['reader'], scopes: ['blue', 'green'] });
    expect(printUsers(users)).toBe(text);
  });
});

describe('an analyzer with scopes', () => {
  let rig: Rig;
  let tokens: readonly string[];
  beforeAll(async () => {
    const made = await folderWith({
      tokens: [
        { roles: ['writer'] },
        { roles: ['writer'], scopes: ['blue'] },
        { roles: ['reader'], scopes: ['hush'] },
        { roles: ['reader'], scopes: ['lost'] },
      ],
    });
    ({ tokens } = made);
    const scopes = { blue: BLUE, hush: { hide: ['Secret'], fields: ['NetworkInterface.mtu', 'Node.children'] } };
    rig = await openRig({ dataDir: made.dataDir, config: { 'auth.scopes': scopes } });
    const nodes = ['blue', 'red'].map((Tenant) => ({
      id: `vm-${Tenant}`,
      name: `vm-${Tenant}`,
      type: 'vm',
      metadata: { Tenant, Secret: 'x' },
    }));
    await publish(rig.url, { nodes }, tokens[0]);
  });
  afterAll(() => rig.close());

  const ask = async (query: string, token: number) => http.ask(rig.url, { query }, tokens[token]);

  it('shows to each token what its scopes say', async () => {
    const seen = async (token: number) => (await ask('{ nodes { nodes { id metadata } } status { nodes } }', token)).data as never;
    const vm = (tenant: string, more: object = { Secret: 'x' }) => ({
      id: `vm-${tenant}`,
      metadata: { Tenant: tenant, Name: `vm-${tenant}`, Type: 'vm', ...more },
    });
    expect(await seen(0)).toEqual({ nodes: { nodes: [vm('blue'), vm('red')] }, status: { nodes: 2 } });
    expect(await seen(1)).toEqual({ nodes: { nodes: [vm('blue')] }, status: { nodes: 1 } });
    expect(await seen(2)).toEqual({ nodes: { nodes: [vm('blue', {}), vm('red', {})] }, status: { nodes: 2 } });
    expect(await seen(3)).toEqual({ nodes: { nodes: [] }, status: { nodes: 0 } });
  });

  it('refuses fields that are hidden, on every way to them', async () => {
    const code = async (query: string, token: number) => (await ask(query, token)).errors?.[0]?.extensions.code;
    for (const query of [
      '{ nodes { nodes { children { totalCount } } } }',
      '{ nodes { nodes { ... on Host { children { totalCount } } } } }',
      '{ nodes { nodes { ... on NetworkInterface { mtu } } } }',
    ]) {
      expect([query, await code(query, 0), await code(query, 2)]).toEqual([query, undefined, 'FORBIDDEN']);
    }
  });

  it('lets publishers write within their scope, and nothing else', async () => {
    const write = async (nodes: object[], edges: object[] = []) =>
      publish(rig.url, { nodes, edges }, tokens[1]).then(
        () => 'written',
        (error: Error) => /outside of what you see/.exec(error.message)?.[0] ?? error.message,
      );
    const vm = (id: string, metadata: object = {}) => ({ id, name: id, type: 'vm', metadata });
    expect(await write([vm('vm-red', { Tenant: 'blue' })])).toBe('outside of what you see');
    expect(await write([vm('mine')])).toBe('outside of what you see');
    expect(await write([vm('mine', { Tenant: 'red' })])).toBe('outside of what you see');
    expect(await write([vm('vm-blue', { Tenant: 'red' })])).toBe('outside of what you see');
    expect(await write([vm('mine')], [{ source: 'vm-blue', target: 'mine', relationType: 'ownership' }])).toBe('written');
    expect(await write([], [{ source: 'mine', target: 'vm-red', relationType: 'layer2' }])).toBe('outside of what you see');
  });
});
