import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeToken, printMachineTokens, readMachineTokens, type MachineToken } from '../../../src/server/auth/machineTokens.js';
import { hashPassword } from '../../../src/server/auth/password.js';
import { printUsers } from '../../../src/server/auth/users.js';

/** Cheap to work out: tests are not about guessing. */
export const CHEAP = 4;

/** A data folder with users, whose passwords are `NAME-secret`, and tokens by role. */
export async function folderWith(people: {
  readonly users?: Readonly<Record<string, readonly string[]>>;
  readonly tokens?: readonly (Partial<MachineToken> & Pick<MachineToken, 'roles'>)[];
}): Promise<{ readonly dataDir: string; readonly tokens: readonly string[] }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'canopy-people-'));
  mkdirSync(join(dataDir, 'auth'));
  const users = Object.entries(people.users ?? {}).map(async ([name, roles]) => ({
    name,
    roles,
    hash: await hashPassword(`${name}-secret`, CHEAP),
  }));
  writeFileSync(join(dataDir, 'auth', 'users'), printUsers(new Map((await Promise.all(users)).map((user) => [user.name, user]))));
  const tokens = (people.tokens ?? []).map((wanted) => makeToken({ name: wanted.roles.join(), createdAt: Date.now(), ...wanted }));
  writeFileSync(join(dataDir, 'auth', 'tokens'), printMachineTokens(new Map(tokens.map(({ kept }) => [kept.id, kept]))));
  return { dataDir, tokens: tokens.map(({ text }) => text) };
}

/** Changes the tokens of a folder, as the command does. */
export function changeTokens(dataDir: string, change: (token: MachineToken) => MachineToken): void {
  const path = join(dataDir, 'auth', 'tokens');
  const tokens = readMachineTokens(readFileSync(path, 'utf8'), path);
  writeFileSync(path, printMachineTokens(new Map(Array.from(tokens, ([id, token]) => [id, change(token)]))));
}

export const basic = (name: string, password = `${name}-secret`): string => `Basic ${btoa(`${name}:${password}`)}`;
