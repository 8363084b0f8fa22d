import { createInterface } from 'node:readline';
import { explain } from '../explain.js';
import { OK } from '../exitCodes.js';
import type { Conversation, Terminal } from '../terminal.js';
import { historyFile, keepHistory, onOneLine, readHistory } from './history.js';
import type { Session } from './session.js';
import { readStatement } from './statement.js';

const PROMPT = 'canopy> ';
const MORE = '   ...> ';

/** Reads statements from a person and answers each, until Ctrl-D or `:quit`. Ctrl-C ends what runs, or drops what is typed. */
export async function converse(session: Session, terminal: Terminal, { input, output }: Conversation): Promise<number> {
  const file = historyFile(terminal.environment);
  const remembered = await readHistory(file);
  const lines = createInterface({
    input,
    output,
    terminal: true,
    prompt: PROMPT,
    history: [...remembered],
    historySize: 0xffff,
    completer: (line: string, done: (error: null, found: [string[], string]) => void) => {
      void session.complete(typed + line).then(({ texts, replaces }) => done(null, [[...texts], replaces]));
    },
  });
  let typed = '';
  let running: AbortController | undefined;

  const ask = (): void => {
    lines.setPrompt(typed === '' ? PROMPT : MORE);
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (running !== undefined) return running.abort();
    typed = '';
    lines.write(null, { ctrl: true, name: 'u' });
    output.write('^C\n');
    ask();
  });

  ask();
  for await (const line of lines) {
    typed += `${line}\n`;
    const read = readStatement(typed, line.trim() === '');
    if (read.kind !== 'incomplete') {
      const whole = onOneLine(typed);
      typed = '';
      if (read.kind === 'whole') {
        if (remembered[0] !== whole) remembered.unshift(whole);
        running = new AbortController();
        await session.run(read.statement, running.signal).catch((error: unknown) => terminal.err(explain(error)));
        running = undefined;
      }
    }
    if (session.isOver) break;
    ask();
  }
  lines.close();
  await keepHistory(file, remembered);
  if (!session.isOver) output.write('\n');
  return OK;
}
