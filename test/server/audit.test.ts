import { serverAudits, type Audit } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRig, type Rig } from './rig.js';

/** Optional parts that are left out on purpose: such a request is what a page of somebody else can make a browser send, so it needs a header that only programs set. */
const REFUSED: readonly Audit['id'][] = ['5A70', 'D6D5', '6A70'];

let rig: Rig;
beforeAll(async () => {
  rig = await openRig();
});
afterAll(() => rig.close());

/** The suite of graphql-http: https://graphql.github.io/graphql-over-http/draft/ */
describe('GraphQL over HTTP', () => {
  it.each(serverAudits({ url: () => `${rig.url}/graphql` }).map((audit) => [audit.id, audit.name, audit] as const))(
    '%s %s',
    async (id, _name, audit) => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toMatch(REFUSED.includes(id) ? /^notice/ : /^ok$/);
    },
  );
});
