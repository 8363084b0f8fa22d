import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/json.js';
import { openWorld, type World } from './world.js';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CREATE = 'mutation ($input: CreateViewInput!) { createView(input: $input) { view { id name address by createdAt updatedAt } } }';
const UPDATE = 'mutation ($id: ID!, $input: UpdateViewInput!) { updateView(id: $id, input: $input) { view { id name address } } }';
const DELETE = 'mutation ($id: ID!) { deleteView(id: $id) { id } }';

const create = async (name: string, address: string): Promise<string> =>
  (await world.data<{ createView: { view: { id: string } } }>(CREATE, { input: { name, address } })).createView.view.id;
const refused = async (query: string, variables: JsonObject): Promise<string> =>
  String((await world.ask(query, variables)).errors?.[0]?.message);

describe('named views', () => {
  it('are kept, listed by name, renamed, saved again and forgotten', async () => {
    const second = await create(' Racks 10 ', 'group=TYPE&v=1');
    const first = await create('Racks 9', 'form=table&find=type%3Aveth&v=1');
    expect(await world.data('{ views { id name address } }')).toEqual({
      views: [
        { id: first, name: 'Racks 9', address: 'form=table&find=type%3Aveth&v=1' },
        { id: second, name: 'Racks 10', address: 'group=TYPE&v=1' },
      ],
    });
    expect(await world.data(UPDATE, { id: second, input: { name: 'Kinds' } })).toMatchObject({
      updateView: { view: { name: 'Kinds', address: 'group=TYPE&v=1' } },
    });
    expect(await world.data(UPDATE, { id: second, input: { address: '' } })).toMatchObject({
      updateView: { view: { name: 'Kinds', address: '' } },
    });
    expect(await world.data(DELETE, { id: first })).toEqual({ deleteView: { id: first } });
    expect(await world.data(`{ view(id: "${first}") { id } views { name } }`)).toEqual({ view: null, views: [{ name: 'Kinds' }] });
  });

  it.each([
    ['a name of nothing', { name: '  ', address: '' }],
    ['a name without end', { name: 'x'.repeat(101), address: '' }],
    ['a whole URL', { name: 'all', address: 'http://elsewhere/?form=table' }],
    ['an address without end', { name: 'all', address: `find=${'x'.repeat(16_384)}` }],
  ])('refuse %s', async (_what, input) => expect(await refused(CREATE, { input })).toContain('is not valid'));

  it('say when there is none', async () => {
    expect(await refused(UPDATE, { id: 'nowhere', input: { name: 'x' } })).toBe('there is no view nowhere');
    expect(await refused(DELETE, { id: 'nowhere' })).toBe('there is no view nowhere');
  });
});
