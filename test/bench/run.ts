import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.js';

const NOT_BENCHES = new Set(['asDelivered.ts', 'bench.ts', 'compiled.ts', 'gremlinGraph.ts', 'interfaces.ts', 'run.ts', 'servers.ts']);

/** Prints one JSON line a figure: `npm run bench`, or some of them with `-- --only NAME[,NAME]`. */
const { values } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } } });
const folder = new URL('.', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !NOT_BENCHES.has(file))
  .map((file) => file.slice(0, -3));
const wanted = values.only?.split(',') ?? names;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no bench named ${unknown.join(', ')}; there are: ${names.join(', ')}\n`);
  process.exit(2);
}
for (const name of wanted) {
  const { bench } = (await import(new URL(`${name}.ts`, folder).href)) as { bench: Bench };
  if (values.list) {
    process.stdout.write(`${bench.name}: ${bench.measures}\n`);
    continue;
  }
  process.stderr.write(`${bench.name}: ${bench.measures}\n`);
  for (const figure of await bench.run()) process.stdout.write(`${JSON.stringify(figure)}\n`);
}
process.exit(0);
