import { parseDuration } from '../../common/duration.js';
import { CanopyError } from '../../common/errors.js';
import { BUILT_IN, openAuthFiles } from '../auth/files.js';
import { defineCommand } from '../command.js';
import { OK } from '../exitCodes.js';
import { outputOption, printRows } from '../output/format.js';
import type { Column } from '../output/table.js';
import { usageError } from '../parse.js';

const USAGE = 'canopy token create --role ROLE --name NAME [--scope SCOPE] [--expires DURATION]';

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly created: string;
  readonly expires: string | null;
  readonly state: 'good' | 'expired' | 'revoked';
}

const COLUMNS: readonly Column<TokenRow>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ROLES', value: ({ roles }) => roles.join(', ') },
  { title: 'SCOPES', value: ({ scopes }) => scopes.join(', ') },
  { title: 'CREATED', value: ({ created }) => created },
  { title: 'EXPIRES', value: ({ expires }) => expires ?? 'never' },
  { title: 'STATE', value: ({ state }) => state },
];

export const command = defineCommand({
  name: 'token',
  summary: 'create, list and revoke the tokens of agents, scripts and dashboards',
  details: [
    'Works on the file of tokens in the data folder (or `auth.tokensFile`), on the machine of the analyzer; one that runs takes the change within a second. The file holds digests: a token that was lost cannot be shown again.',
    `Roles: ${BUILT_IN.join(', ')}, and those of \`auth.policy\`. An agent shows a token with the role \`agent\`.`,
  ],
  positionals: [
    { name: 'ACTION', doc: 'what to do', choices: ['create', 'list', 'revoke'] },
    { name: 'ID', doc: 'which token, for revoke', optional: true },
  ],
  options: {
    role: { type: 'text', placeholder: 'ROLE,…', doc: 'what its bearer may do' },
    scope: { type: 'text', placeholder: 'SCOPE,…', doc: 'what of the graph it sees: scopes of `auth.scopes`; everything unless given' },
    name: { type: 'text', placeholder: 'TEXT', doc: 'what it is for, as `token:TEXT` in answers, logs and policies' },
    expires: { type: 'text', placeholder: 'DURATION', doc: 'after which time it is not good any more: `90d`; never unless given' },
    output: outputOption,
  },
  settings: ['dataDir'],
  examples: [
    { line: 'token create --role agent --name rack-7 > agent.token', says: 'for an agent: `tokenFile` names the file' },
    { line: 'token create --role reader --name grafana --expires 90d', says: 'for a dashboard' },
    { line: 'token create --role reader --name blue-dashboard --scope blue', says: 'for a tenant' },
    { line: 'token revoke 3f1c9d2e5a0b', says: 'and connections that were made with it end' },
  ],
  async run({ options, positionals: [action, id], terminal, config: load }) {
    const { config } = await load();
    const files = await openAuthFiles(config);
    const { isGood, makeToken } = await import('../../server/auth/machineTokens.js');
    const tokens = files.tokens();
    const now = Date.now();
    if (action === 'list') {
      const rows = Array.from(tokens.values(), (token): TokenRow => {
        const { id, name, roles, scopes = [], createdAt, expiresAt, revokedAt } = token;
        const state = isGood(token, now) ? 'good' : revokedAt === undefined ? 'expired' : 'revoked';
        return {
          id,
          name,
          roles,
          scopes,
          state,
          created: instant(createdAt),
          expires: expiresAt === undefined ? null : instant(expiresAt),
        };
      });
      await printRows(rows, COLUMNS, options.output, terminal);
      return OK;
    }
    if (action === 'revoke') {
      const token = id === undefined ? undefined : tokens.get(id);
      if (token === undefined) throw new CanopyError('NOT_FOUND', `there is no token '${id ?? ''}'; \`canopy token list\` shows them`);
      tokens.set(token.id, { ...token, revokedAt: token.revokedAt ?? now });
      files.writeTokens(tokens);
      return OK;
    }
    if (options.role === undefined) throw usageError('token create needs --role', USAGE);
    const { checkName } = await import('../../server/auth/users.js');
    const name = options.name ?? options.role;
    checkName('token', name);
    const lifetime = options.expires === undefined ? undefined : parseDuration(options.expires);
    if (options.expires !== undefined && !lifetime) throw usageError(`--expires cannot be '${options.expires}': write 90d or 12h`, USAGE);
    const { kept, text } = makeToken({
      name,
      roles: await files.rolesIn(options.role),
      ...(options.scope !== undefined && { scopes: await files.scopesIn(options.scope) }),
      createdAt: now,
      ...(lifetime !== undefined && { expiresAt: now + lifetime }),
    });
    tokens.set(kept.id, kept);
    files.writeTokens(tokens);
    terminal.out(`${text}\n`);
    return OK;
  },
});

const instant = (ms: number): string => new Date(ms).toISOString();
