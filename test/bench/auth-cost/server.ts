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

/** Serves GraphQL `open` (nobody is asked) or `guarded` (a thousand users and tokens, a hundred lines of policy), until standard input ends; prints its address. */
const PEOPLE = 1_000;
const LINES = 100;
const side = process.argv[2];
const dataDir = mkdtempSync(join(tmpdir(), 'canopy-bench-auth-'));

async function guard(): Promise<string> {
  mkdirSync(join(dataDir, 'auth'));
  const hash = await hashPassword('bench', 4);
  const users = Array.from({ length: PEOPLE }, (_, index) => ({ name: `user-${index}`, hash, roles: [`role-${index % LINES}`] }));
  writeFileSync(join(dataDir, 'auth', 'users'), printUsers(new Map(users.map((user) => [user.name, user]))));
  const tokens = Array.from({ length: PEOPLE }, (_, index) =>
    makeToken({ name: `t-${index}`, roles: [`role-${index % LINES}`], createdAt: 0 }),
  );
  writeFileSync(join(dataDir, 'auth', 'tokens'), printMachineTokens(new Map(tokens.map(({ kept }) => [kept.id, kept]))));
  return `${tokens[PEOPLE / 2]!.text}@`;
}

const userInfo = side === 'guarded' ? await guard() : '';
const policy = Array.from({ length: LINES }, (_, index) => `p, role-${index}, topology, read, allow`);
const analyzer = await startAnalyzer(configWith({ listen: '127.0.0.1:0', dataDir, 'auth.policy': policy }), {
  clock: systemClock,
  log: silentLog,
});
process.stdout.write(`${analyzer.url.replace('http://', `http://${userInfo}`)}/graphql\n`);
process.stdin.resume().on('end', () => {
  void analyzer.stop().finally(() => {
    rmSync(dataDir, { recursive: true, force: true });
    process.exit(0);
  });
});
