import { rmSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../../src/common/log.js';
import { eventually } from '../../compat/asking.js';
import { Random } from '../../simulator/random.js';
import { CLIENT, startOidcPeer, type OidcPeer } from '../auth/oidcPeer.js';
import { folderWith } from '../auth/people.js';
import { http, openRig, publish, type Rig } from '../rig.js';
import { agentLink, flowDatagrams, oldEndpoints } from './agentDoors.js';
import { graphqlOverHttp, graphqlOverWebSocket } from './graphqlDoors.js';
import { oldRoutes } from './restDoor.js';
import { rawBytes, signIns } from './signInDoors.js';
import type { Target } from './target.js';

/** Messages over all doors, and from which number they are made: others with `CANOPY_FUZZ=1000000 CANOPY_FUZZ_SEED=1`. */
const MESSAGES = Number(process.env.CANOPY_FUZZ ?? 10_000);
const SEED = Number(process.env.CANOPY_FUZZ_SEED ?? 7);

/** More than what the graph, the caches and the log of so few elements take; less than what a leak of messages would. */
const MOST_BYTES = 256 * 1024 * 1024;

const DOORS = [graphqlOverHttp, graphqlOverWebSocket, oldRoutes, agentLink, oldEndpoints, flowDatagrams, signIns, rawBytes];

describe('whatever is said at the doors', () => {
  /** What the analyzer said of itself that it should not have to. */
  const faults: string[] = [];
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (facts, message) => void faults.push(`${message} ${JSON.stringify(facts)}`),
    child: () => log,
  };
  const note = (error: unknown): void => void faults.push(`nobody waited for it: ${(error as Error).stack}`);

  let rig: Rig;
  let provider: OidcPeer;
  let target: Target;
  let before: number;
  beforeAll(async () => {
    const { dataDir, tokens } = await folderWith({
      users: { anna: ['reader'] },
      tokens: [{ roles: ['administrator'] }, { roles: ['agent'] }],
    });
    provider = await startOidcPeer();
    const oidc = { 'auth.oidc.issuer': provider.issuer, 'auth.oidc.clientId': CLIENT.id, 'auth.oidc.clientSecret': CLIENT.secret };
    rig = await openRig({ dataDir, log, config: { ...oidc, 'quota.changesPerSecond': 1_000_000 } });
    provider.serve(rig.url);
    target = { url: rig.url, administrator: tokens[0]!, agent: tokens[1]!, provider };
    process.on('unhandledRejection', note).on('uncaughtException', note);
    before = bytesInUse();
  });
  afterAll(async () => {
    process.off('unhandledRejection', note).off('uncaughtException', note);
    await rig.close();
    await provider.close();
    rmSync(rig.dataDir, { recursive: true, force: true });
  });

  const ask = (query: string) => http.ask(target.url, { query }, target.administrator);

  it.each(DOORS)('the analyzer stays, at $name', { timeout: 120_000 + MESSAGES * 30 }, async ({ name, share, send }) => {
    try {
      await send(target, new Random(SEED), Math.ceil((MESSAGES * share) / 100));
    } catch (error) {
      throw new Error(`CANOPY_FUZZ_SEED=${SEED}: ${String(error)}`, { cause: error });
    }
    expect(faults.splice(0), `CANOPY_FUZZ_SEED=${SEED}`).toEqual([]);
    expect((await fetch(`${target.url}/readyz`)).status).toBe(200);
    const id = `after ${name}`;
    await eventually(() =>
      publish(target.url, { nodes: [{ id, name: 'after', type: 'thing' }] }, target.administrator).then(
        () => true,
        () => false,
      ),
    );
    await eventually(async () => JSON.stringify(await ask(`{ node(id: "${id}") { name } }`)) === '{"data":{"node":{"name":"after"}}}');
  });

  it('lets go of every connection, and keeps no more than it is for', async () => {
    const left = async (): Promise<string> =>
      JSON.stringify(await ask('{ status { subscriptions { connections subscriptions groups } } }'));
    await eventually(
      async () => (await left()).includes('{"connections":0,"subscriptions":0,"groups":0}'),
      () => `seed ${SEED}`,
    );
    expect(bytesInUse() - before, `CANOPY_FUZZ_SEED=${SEED}`).toBeLessThan(MOST_BYTES);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
