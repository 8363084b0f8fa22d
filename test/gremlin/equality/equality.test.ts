import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../src/history/neo4j/database.js';
import { emptyDatabase, NEO4J_START_MS, neo4jNeeds, sharedNeo4j } from '../../history/neo4j/server/shared.js';
import { describeWith } from '../../needs.js';
import { Random } from '../../simulator/random.js';
import { answerOf, openHomes, type Homes } from './homes.js';
import { randomHistory, type Moment } from './randomHistory.js';
import { seeds, stringOf, type Seed } from './randomPlan.js';
import { shrinkHistory } from './shrink.js';

/** `CANOPY_PLANS=100000` tries more, `CANOPY_SEED=7` others. */
const PLANS = Number(process.env.CANOPY_PLANS ?? 2_000);
const SEED = Number(process.env.CANOPY_SEED ?? 1);
const PLANS_EACH = 100;
const HISTORIES = Math.ceil(PLANS / PLANS_EACH);
const BATCHES = 110;

/** A quarter of all questions is about a stretch of time. */
const question = fc.record({ seeds, place: fc.nat(10_000), offset: fc.integer({ min: -1, max: 1 }), stretch: fc.nat(7) });
type Question = { readonly seeds: readonly Seed[]; readonly place: number; readonly offset: number; readonly stretch: number };

/** The string of a question, about an instant around one of the changes. */
function queryOf({ seeds, place, offset, stretch }: Question, { changes, now }: Homes): string {
  const at = Math.min(changes[place % changes.length]!.at + offset, now - 1);
  return stringOf(seeds, stretch < 2 ? { at, lengthMs: stretch * 100_000 + (place % 5_000) } : { at });
}

/** Answers that differ, by home; `undefined` when all agree. */
async function disagreement(query: string, { sources, now }: Homes): Promise<Readonly<Record<string, unknown>> | undefined> {
  const answers: Record<string, unknown> = {};
  for (const [home, source] of Object.entries(sources)) answers[home] = await answerOf(query, source, now);
  const [expected, ...others] = Object.values(answers).map((answer) => JSON.stringify(answer));
  return others.every((answer) => answer === expected) ? undefined : answers;
}

/** Which ones a limit takes is nobody's promise; how many, and that they are among all, is everybody's. */
async function limitsAreHeld(query: string, { sources, now }: Homes): Promise<boolean> {
  for (const source of Object.values(sources)) {
    const all = await answerOf(query, source, now);
    const some = await answerOf(`${query}.Limit(2)`, source, now);
    // Not everything can be limited.
    if (!Array.isArray(all) || !Array.isArray(some)) continue;
    if (some.length !== Math.min(2, all.length) || !some.every((entry) => all.some((one) => JSON.stringify(one) === JSON.stringify(entry))))
      return false;
  }
  return true;
}

describeWith(neo4jNeeds, `${PLANS} random strings over random histories`, () => {
  let database: Database;
  let url: string;
  beforeAll(async () => {
    ({ url } = await sharedNeo4j());
    database = await emptyDatabase(url);
  }, NEO4J_START_MS);
  afterAll(() => database.close());

  it.each(Array.from({ length: HISTORIES }, (_, index) => SEED * 10_000 + index))(
    'are answered alike by the journal, by Neo4j, and by a replay of the changes (seed %i)',
    async (seed) => {
      const moments = randomHistory(new Random(seed), BATCHES);
      const homes = await openHomes(moments, database, url);
      try {
        const property = fc.asyncProperty(question, async (asked) => {
          const query = queryOf(asked, homes);
          expect(await disagreement(query, homes), query).toBeUndefined();
          if (asked.place % 4 === 0) expect(await limitsAreHeld(query, homes), `${query}.Limit(2)`).toBe(true);
        });
        const result = await fc.check(property, { numRuns: PLANS_EACH, seed });
        if (result.failed) throw new Error(await report(moments, result.counterexample?.[0] as Question | undefined, homes, result));
        // Otherwise nothing was compared: most questions about an instant are answered there.
        expect(homes.answered()).toBeGreaterThan(PLANS_EACH / 2);
      } finally {
        await homes.close();
      }
    },
    600_000,
  );

  /** The smallest history in which the smallest string still fails. */
  async function report(
    moments: readonly Moment[],
    asked: Question | undefined,
    homes: Homes,
    failure: { readonly errorInstance: unknown },
  ): Promise<string> {
    if (asked === undefined) return String(failure.errorInstance);
    const query = queryOf(asked, homes);
    const fails = async (fewer: readonly Moment[]): Promise<boolean> => {
      const again = await openHomes(fewer, database, url);
      try {
        return (await disagreement(query, again)) !== undefined || !(await limitsAreHeld(query, again));
      } finally {
        await again.close();
      }
    };
    const smallest = await shrinkHistory(moments, fails);
    const again = await openHomes(smallest, database, url);
    const answers = await disagreement(query, again);
    await again.close();
    const history = smallest.map((moment) => JSON.stringify(moment)).join('\n');
    return `${query}\n${JSON.stringify(answers ?? String(failure.errorInstance), null, 1)}\nafter\n${history}`.replaceAll(/x{50,}/g, 'x…x');
  }
});
