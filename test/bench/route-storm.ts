import { BenchNamespace } from './agents/benchNamespace.js';
import { startMeasuredAgent, type MeasuredAgent } from './agents/measuredAgent.js';
import { lessIsBetter, percentile, type Bench } from './bench.js';
import { compileProject, type Compiled } from './compiled.js';

const ROUTES = 100_000;
/** Interfaces through which the routes go. */
const INTERFACES = 10;

interface Storm {
  readonly batch: number;
  readonly routes: number;
  readonly quiet: readonly number[];
  readonly storm: readonly number[];
}

export const bench: Bench = {
  name: 'route-storm',
  measures:
    's until 100,000 routes, added in one batch, are all in the analyzer; ms by which a link is later in a GraphQL subscription meanwhile (p95 against p95 before); baseline of both: `ip monitor`',
  run: async () => {
    const compiled = compileProject();
    try {
      const monitored = await inStorm(compiled, false);
      const seen = await inStorm(compiled, true);
      return [
        lessIsBetter('route-storm/routes', seen.routes / 1_000, 's', monitored.routes / 1_000),
        lessIsBetter('route-storm/link', added(seen), 'ms', added(monitored)),
        { name: 'route-storm/batch', value: seen.batch / 1_000, unit: 's' },
      ];
    } finally {
      compiled.remove();
    }
  },
};

const added = ({ quiet, storm }: Storm): number => percentile(storm, 95) - percentile(quiet, 95);

async function inStorm(compiled: Compiled, withAgent: boolean): Promise<Storm> {
  const namespace = new BenchNamespace('storm');
  let agent: MeasuredAgent | undefined;
  try {
    for (let number = 0; number < INTERFACES; number++) {
      namespace.ip(`link add out${number} type bridge`);
      namespace.ip(`link set out${number} up`);
    }
    if (withAgent) agent = await startMeasuredAgent(namespace, compiled);
    const args = [compiled.file('test/bench/agents/storm.ts'), agent?.analyzerUrl ?? 'monitor', String(ROUTES), String(INTERFACES), 'a'];
    const child = namespace.spawn(process.execPath, args);
    let text = '';
    for await (const chunk of child.stdout!) text += String(chunk);
    return JSON.parse(text) as Storm;
  } finally {
    await agent?.stop();
    namespace.remove();
  }
}
