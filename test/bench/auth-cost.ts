import { type Bench, moreIsBetter } from './bench.js';
import { compileProject } from './compiled.js';
import { sideBySide } from './servers.js';

/** As little work as a question can be, so that what stands before it weighs most. */
const body = JSON.stringify({ query: '{ node(id: "nothing") { id } }' });
/** One that meets a node, which somebody with a scope has to be allowed to see. */
const seen = JSON.stringify({ query: '{ node(id: "blue-1000") { id name neighbors { totalCount } } }' });

export const bench: Bench = {
  name: 'auth-cost',
  measures:
    'requests/s on /graphql with a token, a thousand users and policies, against the same without; /scope: a token that sees half of the nodes; both must reach 0.85',
  async run() {
    const compiled = compileProject();
    try {
      const file = compiled.file('test/bench/auth-cost/server.ts');
      const { open, guarded } = await sideBySide(file, ['open', 'guarded'], body);
      if (open.answer !== guarded.answer) throw new Error('the two servers do not answer the same');
      const { open: all, scoped } = await sideBySide(file, ['open', 'scoped'], seen);
      if (all.answer !== scoped.answer) throw new Error('what is in the scope is not seen as it is');
      return [
        moreIsBetter('auth-cost', guarded.perSecond, 'requests/s', open.perSecond),
        moreIsBetter('auth-cost/scope', scoped.perSecond, 'requests/s', all.perSecond),
      ];
    } finally {
      compiled.remove();
    }
  },
};
