import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CanopyError } from '../../src/common/errors.js';
import { compile } from '../../src/gremlin/gremlin.js';
import { completions } from '../../src/gremlin/registry.js';
import { scan } from '../../src/gremlin/scan.js';
import { answer, smallGraph } from './builders.js';

/** `CANOPY_FUZZ=1000000` looks longer. */
const RUNS = Number(process.env.CANOPY_FUZZ ?? 10_000);
const SECONDS_EACH = Math.max(60, RUNS / 1_000);

const WORDS = [
  ...completions(),
  'G',
  'true',
  'false',
  'ASC',
  'DESC',
  'NOW',
  'FOREVER',
  'Metadata',
  'Within',
  'Regex',
  'Ne',
  'Lt',
  'Between',
  'Outside',
];
const KEYS = ['Name', 'Type', 'MTU', '@ID', '@CreatedAt', 'IPV4', 'Vfs.ID', 'RelationType', 'Parent', '', '.', '__proto__', 'constructor'];

const token = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('.', '(', ')', ',', ' ', '\n', '"', "'", '()', '.') },
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.constantFrom(...KEYS).map((key) => `'${key}'`) },
  { weight: 1, arbitrary: fc.nat().map(String) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);
const soup = fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join(''));

const value: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...KEYS, 'veth', 'br0', '10.0.0.0/8', '-5m', '(a', 'a*').map((text) => `'${text}'`),
  fc.nat(10_000).map(String),
  fc.constantFrom(
    'true',
    'DESC',
    'NOW',
    '1.5',
    "Ne('x')",
    'Lt(5)',
    "Regex('v.*')",
    "Within('veth', 7)",
    'Inside(1, 9)',
    "Metadata('Type', 'host')",
  ),
);
const step = fc
  .tuple(fc.constantFrom(...completions()), fc.array(value, { maxLength: 4 }))
  .map(([name, args]) => `.${name === 'G' ? name : `${name}(${args.join(', ')})`}`);
const wellFormed = fc
  .tuple(fc.constantFrom('', '.V()', '.E()'), fc.array(step, { maxLength: 6 }))
  .map(([start, steps]) => `G${start}${steps.join('')}`);

const isOurs = (error: unknown): boolean => error instanceof CanopyError && error.code !== 'INTERNAL';

it(
  'every token says where it stands, and together they are the string',
  () => {
    fc.assert(
      fc.property(soup, (source) => {
        let end = 0;
        for (const { at, end: next } of scan(source)) {
          expect(source.slice(end, at)).toMatch(/^[ \t\n]*$/);
          expect(next).toBeGreaterThanOrEqual(at);
          end = next;
        }
      }),
      { numRuns: RUNS },
    );
  },
  SECONDS_EACH * 1_000,
);

it(
  'whatever is written is read or refused with a place',
  () => {
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          soup.map((rest) => `G.V()${rest}`),
          fc.string({ unit: 'binary', maxLength: 200 }),
        ),
        (source) => {
          try {
            compile(source);
          } catch (error) {
            expect(isOurs(error), String(error)).toBe(true);
            const { code, details } = error as CanopyError;
            if (code !== 'LIMIT_EXCEEDED') expect(details).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
          }
        },
      ),
      { numRuns: RUNS },
    );
  },
  SECONDS_EACH * 1_000,
);

it(
  'whatever can be read runs to an answer or an error of ours',
  async () => {
    const graph = smallGraph();
    const view = graph.view();
    const source = { at: () => Promise.resolve(view), between: () => Promise.resolve(view), readings: () => Promise.resolve(new Map()) };
    await fc.assert(
      fc.asyncProperty(wellFormed, async (query) => {
        try {
          expect(JSON.stringify(await answer(graph, query, { source, limits: { rows: 100_000 } }))).toBeTypeOf('string');
        } catch (error) {
          expect(isOurs(error), `${query}: ${(error as Error).stack}`).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  },
  SECONDS_EACH * 1_000,
);
