import { answerOf, show, showPlan, watchGremlin } from '../ask/gremlinAnswer.js';
import { interruption } from '../ask/interrupt.js';
import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption } from '../output/format.js';
import { usageError } from '../parse.js';

export const command = defineCommand({
  name: 'gremlin',
  summary: "ask with a Gremlin string in Skydive's dialect",
  details: [
    'JSON is what Skydive would answer. With --watch the string is asked again when the topology changes, and shown when its answer is another.',
    'docs/gremlin.md introduces the dialect.',
  ],
  positionals: [{ name: 'QUERY', doc: 'the string, such as `G.V().Count()`; `-` reads it from standard input' }],
  options: {
    explain: { type: 'switch', doc: 'show the plan instead of running it' },
    watch: { type: 'switch', short: 'w', doc: 'go on with every other answer, until Ctrl-C' },
    output: outputOption,
  },
  settings: ['analyzer', 'tokenFile'],
  examples: [
    { line: `gremlin "G.V().Has('Type', 'veth')"`, says: 'veth interfaces as a table' },
    { line: `gremlin "G.At('-1h').V().Has('State', 'DOWN').Count()"`, says: 'how many were down an hour ago' },
    { line: `gremlin "G.V().Has('Name', 'eth0').Values('MTU')" -o json`, says: 'values, in the form that scripts know' },
    { line: `gremlin "G.V().Has('State', 'DOWN')" --watch`, says: 'what is down, whenever that changes' },
    { line: `gremlin "G.V().Has('Name', 'eth0').Out()" --explain`, says: 'how the string is run' },
  ],
  async run({ options, positionals, terminal, config }) {
    const query = positionals[0] === '-' ? (await terminal.input()).trimEnd() : positionals[0]!;
    if (options.explain && options.watch) throw usageError('both --explain and --watch are given', 'Leave one of them out.');
    const analyzer = await analyzerOf((await config()).config);
    if (options.explain) await showPlan(analyzer, query, options.output, terminal);
    else if (options.watch) {
      const { signal, release } = interruption(terminal);
      await watchGremlin(analyzer, query, options.output, terminal, signal).finally(release);
    } else await show(await answerOf(analyzer, query, options.output), options.output, terminal);
    return OK;
  },
});
