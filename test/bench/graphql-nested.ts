import { type Bench, moreIsBetter } from './bench.js';
import { compileProject } from './compiled.js';
import { sideBySide } from './servers.js';

/** Fifty nodes, their neighbours, and the edges of those. */
const QUERY = `query Nested {
  nodes(first: 50) {
    nodes { id name type neighbors { nodes { id name edges { nodes { id relationType } } } } }
  }
}`;

const BODY = JSON.stringify({ query: QUERY });

export const bench: Bench = {
  name: 'graphql-nested',
  measures:
    'requests/s over HTTP for 50 nodes, their neighbours and the edges of those, against plain Apollo Server with the same schema and resolvers',
  async run() {
    const compiled = compileProject();
    try {
      const file = compiled.file('test/bench/graphql-nested/server.ts');
      const { plain, canopy } = await sideBySide(file, ['plain', 'canopy'], BODY);
      if (JSON.stringify(JSON.parse(plain.answer)) !== JSON.stringify(JSON.parse(canopy.answer)))
        throw new Error('the two servers do not answer the same');
      process.stderr.write(`graphql-nested: ${canopy.answer.length} bytes an answer\n`);
      return [moreIsBetter('graphql-nested', canopy.perSecond, 'requests/s', plain.perSecond)];
    } finally {
      compiled.remove();
    }
  },
};
