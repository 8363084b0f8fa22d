import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { answer, edge, ids, node, smallGraph } from './builders.js';

describe('a run is held to its bounds', () => {
  const chain = smallGraph(
    ...Array.from({ length: 3_000 }, (_, index) => node(`n${index}`, { Type: 'link', Place: index })),
    ...Array.from({ length: 2_999 }, (_, index) => edge(`e${index}`, `n${index}`, `n${index + 1}`, { RelationType: 'next' })),
  );

  it.each([
    ['rows that are found', 'G.V()', { rows: 1_000 }],
    ['rows that are only looked at', "G.V().Has('Place', 17).Count()", { rows: 1_000 }],
    ['rows that multiply', "G.V('h').Out().In().Out().In().Out().In().Out().In().Out()", { rows: 500 }],
    ['edges on the way', "G.V('n0').ShortestPathTo(Metadata('Name', 'veth1'))", { rows: 1_000 }],
  ])('%s', async (_name, query, limits) => {
    await expect(answer(chain, query, { limits })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', details: { budget: 'rows' } });
  });

  it('edges in a row', async () => {
    const query = "G.V('n0').Descendants('RelationType', 'next', 0)";
    await expect(answer(chain, query)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', details: { budget: 'depth', limit: 1_000 } });
    expect(await ids(chain, query, { limits: { depth: 5_000 } })).toHaveLength(3_000);
  });

  it('time', async () => {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => (now += 10) };
    await expect(answer(chain, 'G.V().Out().Count()', { clock, limits: { deadlineMs: 25 } })).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      retriable: true,
    });
  });

  it('a caller who goes', async () => {
    const gone = new Error('the client hung up');
    const caller = new AbortController();
    let turns = 0;
    const clock = {
      ...systemClock,
      monotonic: () => {
        if (++turns === 20) caller.abort(gone);
        return turns;
      },
    };
    await expect(answer(chain, 'G.V().Out().In().Out().In().Out().Count()', { clock, signal: caller.signal })).rejects.toBe(gone);
  });

  it('and stops as soon as it has enough', async () => {
    expect(await ids(chain, "G.V().Has('Place', Gte(0)).Out().Limit(3)", { limits: { rows: 4_000 } })).toEqual(['n1', 'n2', 'n3']);
    expect(await ids(chain, 'G.V().Limit(2)', { limits: { rows: 100 } })).toEqual(['h', 'ns']);
  });
});

it('a circle of edges ends where it closes', async () => {
  const circle = smallGraph(node('a'), node('b'), edge('ab', 'a', 'b'), edge('ba', 'b', 'a'), edge('aa', 'a', 'a'));
  expect(await ids(circle, "G.V('a').Descendants('RelationType', 'layer2', 0)")).toEqual(['a', 'b']);
  expect(await ids(circle, "G.V('a').Both().Sort('Name')")).toEqual(['a', 'b', 'b']);
});

it('a regular expression cannot run away', async () => {
  const long = smallGraph(node('long', { Text: 'a'.repeat(50_000) }));
  expect(await ids(long, "G.V().Has('Text', Regex('(a*)*(a*)*(a*)*b'))")).toEqual([]);
});
