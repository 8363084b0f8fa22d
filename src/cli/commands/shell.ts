import { analyzerOf } from '../ask/analyzerOf.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { interruption } from '../ask/interrupt.js';
import { outputOption } from '../output/format.js';

export const command = defineCommand({
  name: 'shell',
  summary: 'ask again and again, in Gremlin and GraphQL, with completion',
  details: [
    'A prompt with history and completion: steps, keys and values from the live graph, fields and arguments of the schema. `:help` there lists what else it knows.',
    'From a pipe or a file (`canopy shell < FILE`) it runs one statement after the other and stops at the first that fails.',
  ],
  options: { output: outputOption },
  settings: ['analyzer', 'tokenFile'],
  takesDocuments: true,
  examples: [
    { line: 'shell', says: 'a prompt; Tab completes, Ctrl-D leaves' },
    { line: 'shell --analyzer http://map.example.net:8082', says: 'of another analyzer' },
  ],
  async run({ options, terminal, config }) {
    const analyzer = await analyzerOf((await config()).config);
    const { Session } = await import('../shell/session.js');
    const session = new Session(analyzer, terminal, options.output);
    if (terminal.conversation !== undefined) {
      const { converse } = await import('../shell/prompt.js');
      return converse(session, terminal, terminal.conversation);
    }
    const { statementsIn } = await import('../shell/statement.js');
    const { signal, release } = interruption(terminal);
    try {
      for (const statement of statementsIn(await terminal.input())) {
        const code = await session.run(statement, signal);
        if (code !== OK || session.isOver || signal.aborted) return code;
      }
      return OK;
    } finally {
      release();
    }
  },
});
