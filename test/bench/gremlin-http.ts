import { type Bench, moreIsBetter } from './bench.js';
import { compileProject } from './compiled.js';
import { NUMBER } from './gremlin-http/answer.js';
import { interfaceMetadata } from './interfaces.js';
import { sideBySide } from './servers.js';

const body = JSON.stringify({ GremlinQuery: `G.V().Has('Name', '${interfaceMetadata(NUMBER)['Name'] as string}')` });

export const bench: Bench = {
  name: 'gremlin-http',
  measures: 'requests/s on POST /api/topology for one of 20,000 nodes by its name, against fastify with a constant of the same size',
  async run() {
    const compiled = compileProject();
    try {
      const file = compiled.file('test/bench/gremlin-http/server.ts');
      const { constant, canopy } = await sideBySide(file, ['constant', 'canopy'], body);
      const timeless = (text: string): unknown => JSON.parse(text, (key, value: unknown) => (key.endsWith('edAt') ? null : value));
      if (JSON.stringify(timeless(constant.answer)) !== JSON.stringify(timeless(canopy.answer)))
        throw new Error('the two servers do not answer the same');
      return [moreIsBetter('gremlin-http', canopy.perSecond, 'requests/s', constant.perSecond)];
    } finally {
      compiled.remove();
    }
  },
};
