import { buildSchema, OperationTypeNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { CanopyError } from '../../src/common/errors.js';
import { type Log, silentLog } from '../../src/common/log.js';
import { createPipeline, type OperationContext, type PipelineOptions } from '../../src/server/graphql/pipeline.js';

const LIMITS = { depth: 10, cost: 1_000, pageSize: 100, pictureElements: 500, deadline: 30 };

/** A schema whose fields do what the test says. */
async function pipelineOf(fields: Record<string, () => unknown>, more: Partial<PipelineOptions> = {}) {
  const schema = buildSchema(
    `type Query { ${Object.keys(fields)
      .map((name) => `${name}: String`)
      .join(' ')} }`,
  );
  for (const [name, resolve] of Object.entries(fields)) schema.getQueryType()!.getFields()[name]!.resolve = resolve;
  const pipeline = await createPipeline({ schema, limits: LIMITS, clock: systemClock, log: silentLog, overload: () => undefined, ...more });
  return async (query: string, cancellation = new AbortController()) => {
    let released = 0;
    const contextValue: OperationContext = { cancellation, release: () => void released++ };
    const { body } = await pipeline.apollo.executeOperation({ query }, { contextValue });
    if (body.kind !== 'single') throw new Error('incremental');
    return { ...body.singleResult, released: () => released };
  };
}

describe('the pipeline', () => {
  it('masks a fault of ours: the log has it, the answer has its id only', async () => {
    const logged: Record<string, unknown>[] = [];
    const log: Log = { ...silentLog, error: (facts) => void logged.push(facts as Record<string, unknown>) };
    const fail = () => {
      throw new Error('password=hunter2');
    };
    const ask = await pipelineOf({ fail, fine: () => 'fine' }, { log });
    for (let round = 0; round < 4; round++) {
      // Plain and compiled execution alike.
      const { data, errors } = await ask('{ fail fine }');
      expect(data).toEqual({ fail: null, fine: 'fine' });
      expect(errors).toMatchObject([
        { path: ['fail'], extensions: { code: 'INTERNAL', retriable: false, details: { id: logged[round]!.id } } },
      ]);
      expect(JSON.stringify(errors)).not.toContain('hunter2');
      expect(JSON.stringify(logged[round])).toContain('hunter2');
    }
  });

  it('shows an error of ours as it is', async () => {
    const fail = () => {
      throw new CanopyError('STORE_UNAVAILABLE', 'the disk is full', { retriable: true, details: { file: 'journal' } });
    };
    const ask = await pipelineOf({ fail });
    for (let round = 0; round < 4; round++) {
      expect((await ask('{ fail }')).errors).toMatchObject([
        {
          message: 'the disk is full',
          path: ['fail'],
          extensions: { code: 'STORE_UNAVAILABLE', retriable: true, details: { file: 'journal' } },
        },
      ]);
    }
  });

  it('answers DEADLINE_EXCEEDED, and lets go of what was read only when nothing reads any more', async () => {
    let finish: (value: string) => void = () => undefined;
    const ask = await pipelineOf({ slow: () => new Promise((resolve) => (finish = resolve)) });
    const answer = await ask('{ slow }');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'DEADLINE_EXCEEDED', retriable: true } }]);
    expect(answer.released()).toBe(0);
    finish('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(answer.released()).toBe(1);
  });

  it('stops when the client hangs up', async () => {
    const ask = await pipelineOf({ slow: () => new Promise(() => undefined) });
    const cancellation = new AbortController();
    const asked = ask('{ slow }', cancellation);
    setImmediate(() => cancellation.abort(new CanopyError('UNAVAILABLE', 'the client hung up')));
    expect((await asked).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
  });

  it('refuses new queries under load', async () => {
    const overload = (operation: OperationTypeNode) =>
      operation === OperationTypeNode.QUERY ? new CanopyError('UNAVAILABLE', 'overloaded', { retriable: true }) : undefined;
    const ask = await pipelineOf({ fine: () => 'fine' }, { overload });
    expect((await ask('{ fine }')).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE', retriable: true } }]);
  });
});
