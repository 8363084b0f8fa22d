import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../src/common/log.js';
import { silentLog } from '../../src/common/log.js';
import { openRig, publish, type Rig, TRANSPORTS } from './rig.js';

const LIMITS = { 'limits.depth': 6, 'limits.cost': 2_000, 'limits.pageSize': 100 };

describe.each(TRANSPORTS)('over $name', ({ ask }) => {
  let rig: Rig;
  const logged: object[] = [];
  const log: Log = { ...silentLog, error: (facts) => void logged.push(facts), child: () => log };
  beforeAll(async () => {
    rig = await openRig({ config: LIMITS, log });
    await publish(rig.url, { nodes: [{ id: 'a', name: 'a', type: 'device' }] });
  });
  afterAll(() => rig.close());

  const refused = async (query: string, variables = {}) => {
    const { data, errors } = await ask(rig.url, { query, variables });
    expect(data ?? undefined).toBeUndefined();
    return errors![0]!;
  };

  it('a good question is answered', async () => {
    expect(await ask(rig.url, { query: '{ nodes { totalCount } }' })).toEqual({ data: { nodes: { totalCount: 1 } } });
  });

  it('a compiled document gives the same answer as before', async () => {
    const question = { query: 'query ($first: Int) { nodes(first: $first) { nodes { id name type } } }', variables: { first: 5 } };
    const answers = [];
    for (let round = 0; round < 6; round++) answers.push(await ask(rig.url, question));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it.each([
    ['syntax', '{ nodes {', 'BAD_USER_INPUT', /Syntax Error/],
    ['a field that does not exist', '{ nodes { color } }', 'BAD_USER_INPUT', /color/],
    ['depth', '{ nodes { nodes { neighbors { nodes { neighbors { nodes { id } } } } } } }', 'LIMIT_EXCEEDED', /7 levels.*at most 6/],
    ['cost', '{ nodes(first: 50) { nodes { neighbors(first: 50) { nodes { id } } } } }', 'LIMIT_EXCEEDED', /2550 objects.*at most 2000/],
    ['page size', '{ nodes(first: 101) { totalCount } }', 'LIMIT_EXCEEDED', /page of 101; at most 100/],
    [
      'aliases',
      `{ ${Array.from({ length: 101 }, (_, index) => `a${index}: __typename`).join(' ')} }`,
      'LIMIT_EXCEEDED',
      /more than 100 aliases/,
    ],
    ['tokens', `{ ${'__typename '.repeat(20_001)} }`, 'BAD_USER_INPUT', /20000 tokens/],
  ])('%s is refused', async (_title, query, code, message) => {
    const error = await refused(query);
    expect(error.message).toMatch(message);
    expect(error.extensions).toMatchObject({ code, retriable: false });
  });

  it('a page size in a variable is held to the same limit', async () => {
    const error = await refused('query ($n: Int) { nodes(first: $n) { totalCount } }', { n: 101 });
    expect(error.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { limit: 'pageSize', value: 101, valid: 100 } });
  });

  it('a variable of the wrong type names field and value', async () => {
    const error = await refused('query ($n: Int) { nodes(first: $n) { totalCount } }', { n: 'many' });
    expect(error.message).toMatch(/\$n.*many/);
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('an operation that the document does not have is refused', async () => {
    const { errors } = await ask(rig.url, { query: 'query A { __typename }', operationName: 'B' });
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('an error of ours carries code, retriable and details', async () => {
    const { errors } = await ask(rig.url, { query: '{ nodes(after: "nonsense") { totalCount } }' });
    expect(errors![0]!.extensions).toMatchObject({ code: 'BAD_USER_INPUT', retriable: false, details: { field: 'after' } });
  });

  it('introspection is answered', async () => {
    const { data } = await ask(rig.url, { query: '{ __schema { queryType { name } } }' });
    expect(data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });
});
