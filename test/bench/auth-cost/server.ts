import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/common/clock.js';
import { configWith } from '../../../src/common/config/load.js';
import { silentLog } from '../../../src/common/log.js';
import { startAnalyzer } from '../../../src/server/analyzer.js';
import { makeToken, printMachineTokens } from '../../../src/server/auth/machineTokens.js';
import { hashPassword } from '../../../src/server/auth/password.js';
import { printUsers } from '../../../src/server/auth/users.js';

/**
 * Serves GraphQL `open` (nobody is asked), `guarded` (a thousand users and tokens, a hundred lines of policy) or `scoped` (the same, by somebody who sees a half of
 * the nodes), until standard input ends; prints its address.
 */
const PEOPLE = 1_000;
const LINES = 100;
const NODES = 2_000;
const side = process.argv[2];
const dataDir = mkdtempSync(join(tmpdir(), 'canopy-bench-auth-'));

async function guard(): Promise<string> {
  mkdirSync(join(dataDir, 'auth'));
  const hash = await hashPassword('bench', 4);
  const users = Array.from({ length: PEOPLE }, (_, index) => ({ name: `user-${index}`, hash, roles: [`role-${index % LINES}`] }));
  writeFileSync(join(dataDir, 'auth', 'users'), printUsers(new Map(users.map((user) => [user.name, user]))));
  const tokens = Array.from({ length: PEOPLE }, (_, index) =>
    makeToken({ name: `t-${index}`, roles: [`role-${index % LINES}`], createdAt: 0, ...(side === 'scoped' && { scopes: ['blue'] }) }),
  );
  tokens.push(makeToken({ name: 'filler', roles: ['writer'], createdAt: 0 }));
  writeFileSync(join(dataDir, 'auth', 'tokens'), printMachineTokens(new Map(tokens.map(({ kept }) => [kept.id, kept]))));
  filler = tokens.at(-1)!.text;
  return `${tokens[PEOPLE / 2]!.text}@`;
}

/** Half of the nodes are of each tenant. */
async function fill(url: string): Promise<void> {
  const nodes = Array.from({ length: NODES }, (_, index) => {
    const id = `${index % 2 === 0 ? 'blue' : 'red'}-${index}`;
    return { id, name: id, type: 'device', metadata: { Tenant: index % 2 === 0 ? 'blue' : 'red' } };
  });
  const query = 'mutation ($input: PublishTopologyInput!) { publishTopology(input: $input) { created } }';
  const headers = { 'content-type': 'application/json', ...(filler !== '' && { authorization: `Bearer ${filler}` }) };
  const body = JSON.stringify({ query, variables: { input: { origin: 'bench', nodes } } });
  const answer = await (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).text();
  if (!answer.includes(`"created":${NODES}`)) throw new Error(answer);
}

let filler = '';
const userInfo = side === 'open' ? '' : await guard();
const policy = Array.from({ length: LINES }, (_, index) => `p, role-${index}, topology, read, allow`);
const scopes = { blue: { nodes: { metadata: [{ path: 'Tenant', string: { eq: 'blue' } }] } } };
const analyzer = await startAnalyzer(configWith({ listen: '127.0.0.1:0', dataDir, 'auth.policy': policy, 'auth.scopes': scopes }), {
  clock: systemClock,
  log: silentLog,
});
await fill(analyzer.url);
process.stdout.write(`${analyzer.url.replace('http://', `http://${userInfo}`)}/graphql\n`);
process.stdin.resume().on('end', () => {
  void analyzer.stop().finally(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
