import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Conversation } from '../terminal.js';

/** Asks a person for one line. */
export async function askLine({ input, output }: Conversation, question: string): Promise<string> {
  const prompt = createInterface({ input, output });
  try {
    return (await prompt.question(question)).trim();
  } finally {
    prompt.close();
  }
}

/** Asks for a line that nobody who looks over the shoulder sees. */
export async function askSecret({ input, output }: Conversation, question: string): Promise<string> {
  output.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input, output: nowhere, terminal: true });
  try {
    return await prompt.question('');
  } finally {
    prompt.close();
    output.write('\n');
  }
}
