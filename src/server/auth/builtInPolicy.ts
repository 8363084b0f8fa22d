import { RIGHTS } from '../../services/viewer.js';

/** One line for casbin: what a user or role may or may not do, or that one has the role of another. */
export type PolicyLine =
  readonly ['p', subject: string, object: string, action: string, effect: 'allow' | 'deny'] | readonly ['g', string, string];

/** Skydive's model: a line that denies has the last word; `*` stands for every object and every action, also at the end of a path. */
export const DEFAULT_MODEL = {
  request_definition: 'sub, obj, act',
  policy_definition: 'sub, obj, act, eft',
  role_definition: '_, _',
  policy_effect: 'some(where (p.eft == allow)) && !some(where (p.eft == deny))',
  matchers: 'g(r.sub, p.sub) && keyMatch(r.obj, p.obj) && keyMatch(r.act, p.act)',
} as const;

const READ = ['alert', 'capture', 'config', 'edge', 'edgerule', 'injectpacket', 'metrics', 'node', 'noderule', 'schema', 'status', 'view'];

const MAY: Readonly<Record<string, readonly string[]>> = {
  reader: [
    ...[...READ, 'topology', 'workflow'].map((object) => `${object} read`),
    'websocket /graphql',
    'websocket /ws/subscriber',
    'websocket /ws/subscriber/flow',
  ],
  operator: [
    ...['capture', 'injectpacket', 'alert', 'workflow', 'workflow.call', 'view'].map((object) => `${object} write`),
    'capture rawpackets',
  ],
  publisher: [
    ...['topology', 'node', 'edge', 'noderule', 'edgerule', 'pcap'].map((object) => `${object} write`),
    'websocket /ws/publisher',
    'websocket /ws/pubsub',
  ],
  writer: [],
  administrator: Object.entries(RIGHTS).flatMap(([object, actions]) => actions.map((action) => `${object} ${action}`)),
  agent: ['websocket /agent', 'websocket /ws/agent/topology', 'websocket /ws/agent/flow'],
  // As in Skydive, and what it takes to ask the same in GraphQL.
  guest: ['status read', 'topology read', 'schema read', 'websocket /ws/subscriber', 'websocket /graphql'],
  admin: [],
};

/** Roles that have what others have. */
const HAS: readonly (readonly [role: string, other: string])[] = [
  ['operator', 'reader'],
  ['publisher', 'reader'],
  ['writer', 'operator'],
  ['writer', 'publisher'],
  ['admin', 'administrator'],
];

/** Roles that are always there; those of agents are for programs only. */
export const BUILT_IN_ROLES = Object.keys(MAY);

/** What they may do. Said right by right, so that it holds under every model. */
export const BUILT_IN_POLICY: readonly PolicyLine[] = [
  ...Object.entries(MAY).flatMap(([role, rights]) =>
    rights.map((right): PolicyLine => {
      const [object, action] = right.split(' ') as [string, string];
      return ['p', role, object, action, 'allow'];
    }),
  ),
  ...HAS.map(([role, other]): PolicyLine => ['g', role, other]),
];
