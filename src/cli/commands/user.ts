import { CanopyError } from '../../common/errors.js';
import { BUILT_IN, openAuthFiles } from '../auth/files.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';

const USAGE = 'canopy user add NAME --role ROLE [--scope SCOPE]';

interface UserRow {
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}

const COLUMNS: readonly Column<UserRow>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ROLES', value: ({ roles }) => roles.join(', ') },
  { title: 'SCOPES', value: ({ scopes }) => scopes.join(', ') },
];

export const command = defineCommand({
  name: 'user',
  summary: 'add, list and remove the people who may sign in',
  details: [
    'Works on the file of users in the data folder (or `auth.usersFile`), on the machine of the analyzer; one that runs takes the change within a second.',
    'add makes a password and prints it, once, unless one comes on standard input. For a user who is there already it sets a new password, and the roles and scopes when they are given (an empty `--scope` takes them away): sessions of before end.',
    `Roles: ${BUILT_IN.join(', ')}, and those of \`auth.policy\`.`,
  ],
  positionals: [
    { name: 'ACTION', doc: 'what to do', choices: ['add', 'list', 'remove'] },
    { name: 'NAME', doc: 'which user', optional: true },
  ],
  options: {
    role: { type: 'text', placeholder: 'ROLE,…', doc: 'what the user may do; `auth.defaultRole` unless given' },
    scope: {
      type: 'text',
      placeholder: 'SCOPE,…',
      doc: 'what of the graph the user sees: scopes of `auth.scopes`; everything unless given',
    },
    'password-stdin': { type: 'switch', doc: 'take the password from the first line of standard input' },
    output: outputOption,
  },
  settings: ['dataDir'],
  examples: [
    { line: 'user add anna --role operator --data-dir /var/lib/canopy', says: 'prints her password' },
    { line: 'user add ben --role operator --scope blue', says: 'who sees the nodes of a tenant, captures and injects there' },
    { line: 'user list', says: 'who may sign in' },
    { line: 'user remove anna', says: 'and her sessions end' },
  ],
  async run({ options, positionals: [action, name], terminal, config: load }) {
    const { config } = await load();
    const files = await openAuthFiles(config);
    const users = files.users();
    if (action === 'list') {
      const rows = Array.from(users.values(), ({ name, roles, scopes = [] }) => ({
        name,
        roles: roles.length > 0 ? roles : [config.auth.defaultRole],
        scopes,
      }));
      await printRows(rows, COLUMNS, options.output, terminal);
      return OK;
    }
    if (name === undefined) throw usageError(`user ${action} needs the name of a user`, USAGE);
    if (action === 'remove') {
      if (!users.delete(name)) throw new CanopyError('NOT_FOUND', `there is no user '${name}'`);
      files.writeUsers(users);
      return OK;
    }
    const { checkName } = await import('../../server/auth/users.js');
    const { hashPassword, makePassword } = await import('../../server/auth/password.js');
    checkName('user', name);
    const roles = options.role === undefined ? (users.get(name)?.roles ?? []) : await files.rolesIn(options.role);
    const given = options['password-stdin'] === true ? (await terminal.input()).split(/\r?\n/)[0]! : undefined;
    if (given === '') throw usageError('there is no password on standard input', USAGE);
    const password = given ?? makePassword();
    const scopes =
      options.scope === undefined ? (users.get(name)?.scopes ?? []) : options.scope === '' ? [] : await files.scopesIn(options.scope);
    users.set(name, { name, roles, scopes, hash: await hashPassword(password) });
    files.writeUsers(users);
    if (given === undefined) terminal.out(`${password}\n`);
    return OK;
  },
});
