import * as defaults from './defaults.js';
import type { KeyTable } from './keyEntry.js';
import * as kinds from './kinds.js';
import { DAY, SECOND, TIB } from './units.js';

/** Who may come in, what they may do, and how lines are kept secret. */
export const DOOR_KEYS: KeyTable<'tokens' | 'auth' | 'audit' | 'tls'> = {
  'tokens.agents': {
    kind: kinds.texts,
    default: [],
    doc: 'Tokens with which agents may connect. An entry is the token itself or `file:PATH`, a file with one token a line. Prefer files: flags and variables can be seen by others on the machine.',
    example: '["file:/etc/canopy/agents.tokens"]',
    isSecret: true,
  },
  'tokens.readers': {
    kind: kinds.texts,
    default: [],
    doc: 'Tokens that may ask and subscribe; written as in `tokens.agents`.',
    example: '["file:/etc/canopy/readers.tokens"]',
    isSecret: true,
  },
  'tokens.writers': {
    kind: kinds.texts,
    default: [],
    doc: 'Tokens that may publish, change, capture and inject, and may read too; written as in `tokens.agents`.',
    example: '["file:/etc/canopy/writers.tokens"]',
    isSecret: true,
  },
  'auth.usersFile': {
    kind: kinds.path,
    defaultText: '`auth/users` in the data folder',
    doc: 'File with the users who may sign in, one `NAME:HASH:ROLE` a line: written by `canopy user`, or by `htpasswd -B` without roles. Changes are in force within a second.',
    example: '/etc/canopy/users',
  },
  'auth.tokensFile': {
    kind: kinds.path,
    defaultText: '`auth/tokens` in the data folder',
    doc: 'File with the tokens that `canopy token` makes; it holds their digests only. Changes are in force within a second.',
    example: '/etc/canopy/tokens',
  },
  'auth.defaultRole': {
    kind: kinds.text,
    default: defaults.AUTH_DEFAULT_ROLE,
    doc: 'Role of users to whom nobody gave one, such as those in a file of `htpasswd`.',
    example: 'operator',
  },
  'auth.session': {
    kind: kinds.duration(10 * SECOND, DAY),
    default: defaults.AUTH_SESSION,
    doc: 'How long the cookie of a session is good until the page refreshes it.',
    example: '5m',
  },
  'auth.signIn': {
    kind: kinds.duration(60 * SECOND, 365 * DAY),
    default: defaults.AUTH_SIGN_IN,
    doc: 'How long a session can be refreshed until the password is asked for again.',
    example: '12h',
  },
  'auth.policy': {
    kind: kinds.texts,
    default: [],
    doc: "Lines of a policy as casbin and Skydive's `rbac.policy` have them, or `file:PATH` with such lines: `p, ROLE, OBJECT, ACTION, allow|deny` and `g, USER, ROLE`. They are added to what the built-in roles may.",
    example: '["p, auditor, audit, read, allow", "g, anna, auditor"]',
  },
  'auth.model': {
    kind: kinds.map,
    default: {},
    doc: "Parts of casbin's model that differ from the built-in one, under the names of Skydive's `rbac.model`.",
    example: '{ matchers: "g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act" }',
  },
  'audit.maxBytes': {
    kind: kinds.size(4096, TIB),
    default: defaults.AUDIT_MAX_BYTES,
    doc: 'Size at which a file of the audit log, `audit/` in the data folder, is closed and the next begun.',
    example: '64MiB',
  },
  'audit.files': {
    kind: kinds.count(1, 10_000),
    default: defaults.AUDIT_FILES,
    doc: 'Files of the audit log that are kept.',
    example: '100',
  },
  'tls.certificate': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the certificate of the analyzer and those that lead to its authority. With it and `tls.key` the page, GraphQL, old clients and agents are served over TLS. It is read again within some seconds after it has changed.',
    example: '/etc/canopy/tls/analyzer.pem',
  },
  'tls.key': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the private key of `tls.certificate`.',
    example: '/etc/canopy/tls/analyzer.key',
  },
  'tls.clientAuthorities': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the authorities whose certificates let agents in, without a token.',
    example: '/etc/canopy/tls/agents-ca.pem',
  },
  'tls.requireClientCertificate': {
    kind: kinds.boolean,
    default: false,
    doc: 'Agents come in with a certificate of `tls.clientAuthorities` only; a token does not do.',
    example: 'true',
  },
  'tls.authorities': {
    kind: kinds.path,
    defaultText: "the system's",
    doc: 'PEM file with the authorities that an agent trusts instead of those of the system.',
    example: '/etc/canopy/tls/ca.pem',
  },
  'tls.clientCertificate': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the certificate that an agent shows to the analyzer.',
    example: '/etc/canopy/tls/agent.pem',
  },
  'tls.clientKey': {
    kind: kinds.path,
    defaultText: 'none',
    doc: 'PEM file with the private key of `tls.clientCertificate`.',
    example: '/etc/canopy/tls/agent.key',
  },
};
