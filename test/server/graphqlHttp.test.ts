import { rmSync } from 'node:fs';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderWith } from './auth/people.js';
import { openRig, TRANSPORTS, type Rig } from './rig.js';

describe('GraphQL over HTTP, as its working group audits it', () => {
  let rig: Rig;
  beforeAll(async () => void (rig = await openRig()));
  afterAll(() => rig.close());

  // Requests that a form of another site could send too need this header: the guard against forged requests.
  const fetchFn = (url: string, { headers, ...init }: RequestInit = {}): Promise<Response> =>
    fetch(url, { ...init, headers: { 'apollo-require-preflight': '1', ...(headers as Record<string, string>) } });

  it.each(serverAudits({ url: () => `${rig.url}/graphql`, fetchFn }))('$id: $name', async (audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });
});

describe('the schema', () => {
  let rig: Rig;
  let dataDir: string;
  let tokens: readonly string[];
  beforeAll(async () => {
    ({ dataDir, tokens } = await folderWith({ tokens: [{ roles: ['reader'] }, { roles: ['guest'] }] }));
    rig = await openRig({ dataDir, config: { 'auth.policy': ['p, guest, schema, read, deny'] } });
  });
  afterAll(async () => {
    await rig.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(TRANSPORTS)('is for roles that may read it, over $name', async ({ ask }) => {
    for (const query of ['{ __schema { types { name } } }', '{ ...A } fragment A on Query { t: __type(name: "Node") { name } }']) {
      expect((await ask(rig.url, { query }, tokens[0])).errors).toBeUndefined();
      expect(await ask(rig.url, { query }, tokens[1])).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    }
    expect(await ask(rig.url, { query: '{ __typename viewer { __typename } }' }, tokens[1])).toEqual({
      data: { __typename: 'Query', viewer: { __typename: 'Viewer' } },
    });
  });
});
