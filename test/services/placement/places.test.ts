import { expect, it } from 'vitest';
import { openWorld, type World } from '../world.js';

interface Overview {
  readonly topologyOverview: { readonly groups: readonly { readonly id: string; readonly x: number; readonly y: number }[] };
}
const placesIn = async (world: World): Promise<ReadonlyMap<string, string>> => {
  const { topologyOverview } = await world.data<Overview>('{ topologyOverview { groups { id x y } } }');
  return new Map(topologyOverview.groups.map(({ id, x, y }) => [id, `${x},${y}`]));
};
const hosts = (world: World, from: number, to: number): void => {
  for (let number = from; number <= to; number++)
    world.write({ op: 'putNode', id: `h${number}`, host: `web-${number}`, metadata: { Type: 'host', Name: `web-${number}` } });
};

it('the picture opens the same way again, when groups came and after a new start', async () => {
  let world = await openWorld();
  try {
    hosts(world, 1, 9);
    const first = await placesIn(world);
    expect(new Set(first.values()).size).toBe(9);
    hosts(world, 10, 12);
    const second = await placesIn(world);
    for (const [id, place] of first) expect(second.get(id)).toBe(place);
    expect(new Set(second.values()).size).toBe(12);
    world.write({ op: 'remove', id: 'h3' });
    world = await world.restart();
    hosts(world, 13, 13);
    const third = await placesIn(world);
    for (const [id, place] of second) if (id !== 'host:web-3') expect(third.get(id)).toBe(place);
    hosts(world, 3, 3);
    expect((await placesIn(world)).get('host:web-3')).toBe(first.get('host:web-3'));
  } finally {
    await world.close();
  }
});
