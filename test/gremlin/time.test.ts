import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goDuration, rfc1123 } from '../../src/gremlin/steps/time/instants.js';
import { resultJson } from '../../src/gremlin/gremlin.js';
import type { Json } from '../../src/common/json.js';
import { everybody } from '../../src/services/viewer.js';
import { edge, node, openWorld, owns, remove, smallHost, type World } from '../services/world.js';

const MINUTE = 60_000;

/** Enough changes for a past that is read from the journal and not from the present. */
const noise = (world: World): void => {
  for (let index = 0; index < 300; index++) world.write(node(`n${index % 7}`, 'noise', { Round: index }));
};

let world: World;
let born: number;
let gone: number;

/** 12:00 the host; +10 min veth0 is renamed; +20 min veth1 goes; +30 min now. */
beforeAll(async () => {
  world = await openWorld();
  born = world.write(...smallHost);
  world.clock.advance(10 * MINUTE);
  world.write({ op: 'patch', id: 'veth0', set: [['Name', 'uplink']] });
  world.clock.advance(10 * MINUTE);
  gone = world.write(remove('veth1'));
  world.write(node('new', 'device'), owns('web-1', 'new'), edge('br0', 'new', 'layer2'));
  noise(world);
  world.clock.advance(10 * MINUTE);
});
afterAll(() => world.close());

async function ask(query: string): Promise<Json> {
  const scope = world.services.openScope(everybody);
  try {
    return resultJson(await world.services.gremlin.run({ viewer: everybody, scope }, query));
  } finally {
    scope.release();
  }
}

describe('the past', () => {
  it.each([
    ["G.At('-25m').V().Has('Type', 'veth').Sort('Name').Values('Name')", ['veth0', 'veth1']],
    ["G.At('-15m').V().Has('Type', 'veth').Sort('Name').Values('Name')", ['uplink', 'veth1']],
    ["G.Context('-5m').V().Has('Type', 'veth').Values('Name')", ['uplink']],
    ["G.At(NOW).V().Has('Type', 'veth').Values('Name')", ['uplink']],
    ["G.At('1h').V().Has('Type', 'veth').Values('Name')", ['uplink']],
    ["G.At('-25m').V('veth0').Out().Values('Name')", ['veth1']],
    ["G.At('-25m').V().Has('Name', 'br0').ShortestPathTo(Metadata('Name', 'veth1')).Dedup().Values('Name')", ['br0', 'veth0', 'veth1']],
    ["G.At('-2h').V().Count()", 0],
    ['G.At(10).V().Count()', 0],
  ])('%s', async (query, expected) => expect(await ask(query)).toEqual(expected));

  it('is named in seconds, milliseconds, or as a date', async () => {
    const seconds = Math.floor(born / 1_000) + 60;
    const date = new Date(seconds * 1_000).toUTCString();
    for (const instant of [seconds, seconds * 1_000, `'${date}'`]) {
      expect(await ask(`G.At(${instant}).V().Has('Type', 'veth').Sort('Name').Values('Name')`), String(instant)).toEqual([
        'veth0',
        'veth1',
      ]);
    }
  });

  it('does not have what came later', async () => {
    await expect(ask("G.At('-25m').V('new')")).rejects.toMatchObject({ message: "Node 'new' does not exist" });
  });
});

describe('a stretch of time', () => {
  it('has every revision that there was', async () => {
    expect(await ask("G.At('-5m', FOREVER).V().Has('Type', 'veth').Sort('Name').Values('Name')")).toEqual(['uplink', 'veth0', 'veth1']);
    expect(await ask("G.At('-5m', '10m').V().Has('Type', 'veth').Values('Name')")).toEqual(['uplink', 'veth1']);
    expect(await ask("G.At('-12m', 300).V().Has('Type', 'veth').Sort('Name').Values('Name')")).toEqual(['uplink', 'veth1']);
    expect(await ask("G.At('-5m', FOREVER).V().Has('Type', 'veth').Dedup().Count()")).toBe(2);
    expect(await ask("G.At('-5m', FOREVER).V('veth0').Count()")).toBe(2);
    expect(await ask("G.At('-5m', FOREVER).V().Has('Name', 'br0').Out('Type', 'veth').Values('Name')")).toEqual(['veth0', 'uplink']);
  });

  it('says when something went', async () => {
    expect(await ask("G.At('-5m', FOREVER).V('veth1')")).toMatchObject([{ ID: 'veth1', DeletedAt: gone }]);
    expect(await ask("G.At('-5m', FOREVER).V().Has('@DeletedAt', Gt(0)).Values('Name')")).toEqual(['veth1']);
    expect(await ask("G.At('-5m', FOREVER).E().Has('Child', 'veth1').Has('@DeletedAt', Gt(0)).Count()")).toBe(2);
  });
});

describe('metrics of the past', () => {
  let start: number;
  beforeAll(async () => {
    start = world.clock.now();
    for (let round = 1; round <= 3; round++) {
      const last = world.clock.advance(10_000);
      const values = [
        ['LastUpdateMetric.RxBytes', round * 100],
        ['LastUpdateMetric.Start', last - 10_000],
        ['LastUpdateMetric.Last', last],
      ] as const;
      world.write({ op: 'measure', id: 'br0', values });
    }
    world.clock.advance(10_000);
    while (world.samples.status().queued > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('are all readings within the time', async () => {
    expect(await ask("G.At(NOW, '1m').V().Has('Name', 'br0').Metrics()")).toEqual([
      { br0: [1, 2, 3].map((round) => expect.objectContaining({ RxBytes: round * 100 })) },
    ]);
    expect(await ask("G.At(NOW, '1m').V().Metrics().Sum('RxBytes')")).toBe(600);
    expect(await ask("G.At('-16s', '24s').V().Metrics().Sum('RxBytes')")).toBe(200);
  });

  it('add up in slices', async () => {
    const query = `G.At(${world.clock.now()}, ${Math.ceil((world.clock.now() - start) / 1_000) + 10}).V().Metrics().Aggregates(60)`;
    expect(await ask(query)).toMatchObject([{ Aggregated: [{ RxBytes: 600 }] }]);
  });

  it('are read where a step names them, as they were at the instant', async () => {
    expect(await ask("G.At('-5s').V().Values('LastUpdateMetric.RxBytes')")).toEqual([300]);
    expect(await ask("G.At('-15s').V().Has('Name', 'br0').Values('Metadata.LastUpdateMetric.RxBytes')")).toEqual([200]);
    expect(await ask("G.At('-15s').V().Has('LastUpdateMetric.RxBytes', Gt(100)).Values('Name')")).toEqual(['br0']);
    expect(await ask("G.At('-15s').V().Has('LastUpdateMetric.RxBytes', Gt(200)).Count()")).toBe(0);
    expect(await ask("G.At('-5s').V('web-1').Out('LastUpdateMetric.RxBytes', 300).Values('Name')")).toEqual(['br0']);
    expect(await ask("G.At('-5s').V().Sum('LastUpdateMetric.RxBytes')")).toBe(300);
    expect(await ask("G.At('-5s').V().Has('Name', 'br0').ValueMap('Name', 'LastUpdateMetric')")).toMatchObject([
      { Name: 'br0', LastUpdateMetric: { RxBytes: 300 } },
    ]);
    expect(await ask("G.At('-50s').V().Values('LastUpdateMetric.RxBytes')")).toBeNull();
    expect(await ask("G.V().Values('LastUpdateMetric.RxBytes')")).toEqual([300]);
  });

  it('are the latest reading at an instant', async () => {
    expect(await ask("G.At('-5s').V().Metrics()")).toMatchObject([{ br0: [{ RxBytes: 300 }] }]);
  });
});

describe('how time is written', () => {
  it.each([
    ['-1m', -60_000],
    ['-1h30m', -5_400_000],
    ['1.5s', 1_500],
    ['.5s', 500],
    ['+2us', 0.002],
    ['0', 0],
    ['10', undefined],
    ['', undefined],
    ['-', undefined],
    ['1d', undefined],
    ['1m ', undefined],
  ])('the duration %j', (text, ms) => expect(goDuration(text)).toBe(ms));

  it.each([
    ['Mon, 02 Jan 2006 15:04:05 MST', Date.UTC(2006, 0, 2, 15, 4, 5)],
    ['Sun, 30 Feb 2020 00:00:00 GMT', undefined],
    ['Mon, 2 Jan 2006 15:04:05 MST', undefined],
    ['2006-01-02T15:04:05Z', undefined],
  ])('the date %j', (text, instant) => expect(rfc1123(text)).toBe(instant));
});
