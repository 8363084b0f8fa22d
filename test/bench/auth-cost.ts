import { type Bench, moreIsBetter } from './bench.js';
import { compileProject } from './compiled.js';
import { sideBySide } from './servers.js';

/** As little work as a question can be, so that what stands before it weighs most. */
const body = JSON.stringify({ query: '{ node(id: "nothing") { id } }' });

export const bench: Bench = {
  name: 'auth-cost',
  measures: 'requests/s on /graphql with a token, a thousand users and policies, against the same without; must reach 0.85',
  async run() {
    const compiled = compileProject();
    try {
      const file = compiled.file('test/bench/auth-cost/server.ts');
      const { open, guarded } = await sideBySide(file, ['open', 'guarded'], body);
      if (open.answer !== guarded.answer) throw new Error('the two servers do not answer the same');
      return [moreIsBetter('auth-cost', guarded.perSecond, 'requests/s', open.perSecond)];
    } finally {
      compiled.remove();
    }
  },
};
