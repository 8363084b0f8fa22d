import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { systemClock } from '../../src/common/clock.js';
import { LiveGraph } from '../../src/graph/liveGraph.js';
import { compile, execute, resultText, type GraphSource } from '../../src/gremlin/gremlin.js';
import { node } from './builders.js';

const NODES = 100_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const usedBytes = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

it('an answer of 100,000 nodes is never in memory whole', async () => {
  const graph = new LiveGraph({ now: () => Date.now() });
  for (let from = 0; from < NODES; from += 1_000) {
    const deltas = Array.from({ length: 1_000 }, (_, index) =>
      node(`n${from + index}`, { Type: 'veth', Name: `veth${from + index}`, MTU: 1_500, IPV4: [`10.0.0.${index % 250}/24`] }),
    );
    graph.apply({ origin: 'agent.h', deltas });
  }
  const view = graph.view();
  const refuse = (): never => {
    throw new Error('only the present is asked');
  };
  const source: GraphSource = { present: () => view, at: refuse, between: refuse, readings: refuse };
  collect();
  const rest = usedBytes();
  const above = (): number => {
    collect();
    return usedBytes() - rest;
  };
  const outcome = await execute(compile('G.V()'), { source, clock: systemClock });
  let peak = above();
  let written = 0;
  let chunks = 0;
  for (const chunk of resultText(outcome)) {
    // A socket takes the text and lets go of it.
    written += chunk.length;
    if (chunks++ % 20 === 0) peak = Math.max(peak, above());
  }
  view.release();
  expect(written).toBeGreaterThan(NODES * 100);
  expect(peak).toBeGreaterThan(0);
  expect(peak).toBeLessThan(written * 2);
});
